"""The console's pages, one module each; a view joins a request, one use case and one template."""
