// Lets the browser speak with a security key or passkey: takes the options off the form, and sends the key's answer with it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-key]");
  if (!form) return;

  function say(what) {
    for (const line of document.querySelectorAll("[data-key-says]")) line.hidden = line.dataset.keySays !== what;
  }

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  }

  function text(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  const known = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

  function made(options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const rest = { challenge: bytes(options.challenge), excludeCredentials: known(options.excludeCredentials) };
    return navigator.credentials.create({ publicKey: { ...options, ...rest, user } });
  }

  function signed(options) {
    const rest = { challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
    return navigator.credentials.get({ publicKey: { ...options, ...rest } });
  }

  function answer(key) {
    const told = key.response;
    const response = { clientDataJSON: text(told.clientDataJSON) };
    if (told.attestationObject) {
      response.attestationObject = text(told.attestationObject);
      response.transports = told.getTransports?.() ?? [];
    } else {
      response.authenticatorData = text(told.authenticatorData);
      response.signature = text(told.signature);
      if (told.userHandle?.byteLength) response.userHandle = text(told.userHandle);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  }

  async function ask() {
    if (!window.PublicKeyCredential) return say("unknown");
    say("asking");
    try {
      const options = JSON.parse(form.dataset.options);
      const key = await (form.dataset.key === "create" ? made(options) : signed(options));
      form.elements.namedItem("credential").value = answer(key);
      form.submit();
    } catch {
      // Why is for nobody but the person and the key: the browser has told them.
      say("failed");
    }
  }

  ask();
})();
