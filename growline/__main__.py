"""``python -m growline`` is the same as ``growline`` on the command line."""

from growline.cli import main

if __name__ == "__main__":
    main()
