// @ts-check
/**
 * The one module of the site. Every flow works without it; it saves while one types,
 * follows events, shows how far an upload is, and asks the authenticator for passkeys.
 * It never touches a field between compositionstart and compositionend: Vietnamese
 * input methods build a letter in several strokes.
 */

const csrf = document.body.dataset.csrf ?? "";
const AUTOSAVE_MS = 700;
const CHECK_MS = 500;

/**
 * @param {string} url
 * @param {RequestInit} options
 */
function ask(url, options = {}) {
  const headers = new Headers(options.headers);
  headers.set("x-csrf", csrf);
  headers.set("x-part", "1");
  return fetch(url, { ...options, headers, credentials: "same-origin", redirect: "manual" });
}

/**
 * Run *act* once typing pauses, never inside a composition.
 * @param {Element} element
 * @param {number} pause
 * @param {() => void} act
 */
function afterTyping(element, pause, act) {
  let timer = 0;
  let composing = false;
  const later = () => {
    window.clearTimeout(timer);
    if (!composing) timer = window.setTimeout(act, pause);
  };
  element.addEventListener("compositionstart", () => {
    composing = true;
    window.clearTimeout(timer);
  });
  element.addEventListener("compositionend", () => {
    composing = false;
    later();
  });
  element.addEventListener("input", later);
  element.addEventListener("change", later);
}

/** What an element says to whoever looks or listens. @param {string} id @param {string} text @param {string} kind */
function say(id, text, kind = "") {
  const place = document.getElementById(id);
  if (!place) return;
  place.textContent = text;
  place.className = `said ${kind}`;
}

// What a page that was left had still to say: some of its files were refused.
const left = sessionStorage.getItem("said");
sessionStorage.removeItem("said");
if (left) {
  const [place, text] = JSON.parse(left);
  say(place, text, "bad");
}

// A refused form takes the focus to its summary.
document.querySelector("[data-focus]")?.scrollIntoView({ block: "center" });
/** @type {HTMLElement | null} */ (document.querySelector("[data-focus]"))?.focus();

/*
 * <form data-autosave="/address" data-saved="id"> posts itself while one types. The answer
 * is a sentence for the element called by data-saved; "x-revision" of the answer is kept in
 * the form's field "revision". A lost connection is said and tried again. The frame called
 * by data-refresh, a preview, is drawn anew.
 */
for (const form of document.querySelectorAll("form[data-autosave]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  const url = form.dataset.autosave ?? "";
  const place = form.dataset.saved ?? "saved";
  let running = false;
  let wanted = false;
  const save = async () => {
    if (running) {
      wanted = true;
      return;
    }
    running = true;
    try {
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
      const answer = await ask(url, { method: "POST", body, keepalive: true });
      const revision = answer.headers.get("x-revision");
      const field = form.elements.namedItem("revision");
      if (revision && field instanceof HTMLInputElement) field.value = revision;
      say(place, await answer.text(), answer.ok ? "good" : "bad");
      const shown = document.getElementById(form.dataset.refresh ?? "");
      if (answer.ok && shown instanceof HTMLIFrameElement) shown.contentWindow?.location.reload();
    } catch {
      say(place, form.dataset.cut ?? "", "bad");
      window.setTimeout(save, 4000);
    } finally {
      running = false;
      if (wanted) {
        wanted = false;
        save();
      }
    }
  };
  afterTyping(form, AUTOSAVE_MS, save);
}

// <iframe data-at="id"> shows its page from that element on; a fragment would scroll ours too.
for (const frame of document.querySelectorAll("iframe[data-at]")) {
  if (!(frame instanceof HTMLIFrameElement)) continue;
  frame.addEventListener("load", () => {
    const element = frame.contentDocument?.getElementById(frame.dataset.at ?? "");
    // Parts that were not in view yet get their height only now: go there again.
    const go = (/** @type {number} */ times) => {
      if (element) frame.contentWindow?.scrollTo(0, element.offsetTop);
      if (times > 0) window.setTimeout(() => go(times - 1), 150);
    };
    go(4);
  });
}

/*
 * <input data-check="/address"> asks what its value means while one types; the answer, plain
 * text with "x-kind", is put under the field, in the element "<id>-said".
 */
for (const input of document.querySelectorAll("input[data-check]")) {
  if (!(input instanceof HTMLInputElement)) continue;
  let asked = "";
  afterTyping(input, CHECK_MS, async () => {
    const value = input.value.trim();
    if (value === asked) return;
    asked = value;
    if (!value) return say(`${input.id}-said`, "");
    try {
      const body = new URLSearchParams({ value });
      const answer = await ask(input.dataset.check ?? "", { method: "POST", body });
      if (answer.ok && asked === value) {
        say(`${input.id}-said`, await answer.text(), answer.headers.get("x-kind") ?? "");
      }
    } catch {
      asked = "";
    }
  });
}

/*
 * <div data-events="/address"> shows what the server tells: each message replaces its
 * content, "end" closes the source and, with data-then, goes on.
 */
for (const place of document.querySelectorAll("[data-events]")) {
  if (!(place instanceof HTMLElement)) continue;
  const source = new EventSource(place.dataset.events ?? "");
  window.addEventListener("beforeunload", () => source.close()); // who leaves is not led elsewhere
  source.addEventListener("message", (event) => {
    place.innerHTML = event.data;
  });
  source.addEventListener("end", (event) => {
    source.close();
    if (event.data) place.innerHTML = event.data;
    if (place.dataset.then) window.location.assign(place.dataset.then);
  });
}

/*
 * <form data-stream="id"> puts the answer, a piece of a page that arrives little by little,
 * into the element called by data-stream as it comes.
 */
for (const form of document.querySelectorAll("form[data-stream]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.addEventListener("submit", async (event) => {
    const place = document.getElementById(form.dataset.stream ?? "");
    if (!place) return;
    event.preventDefault();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") query.append(name, value);
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(`${form.action}?${query}`);
      if (!answer.ok || !answer.body) return form.submit();
      place.innerHTML = "";
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        rest += value ?? "";
        // Whole pieces only: each ends with a line of its own.
        const cut = done ? rest.length : rest.lastIndexOf("\n\n");
        if (cut > 0) {
          place.insertAdjacentHTML("beforeend", rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        if (done) break;
      }
    } catch {
      form.submit();
    } finally {
      place.removeAttribute("aria-busy");
    }
  });
}

/**
 * Send *body* to where *form* goes, with progress in *bar*. Rejects when the line is cut.
 * @param {HTMLFormElement} form
 * @param {FormData} body
 * @param {HTMLProgressElement | null} bar
 * @returns {Promise<XMLHttpRequest>}
 */
function sent(form, body, bar) {
  return new Promise((done, cut) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("x-csrf", csrf);
    request.upload.addEventListener("progress", (at) => {
      if (!bar || !at.lengthComputable) return;
      bar.hidden = false;
      bar.max = at.total;
      bar.value = at.loaded;
    });
    request.addEventListener("load", () => done(request));
    for (const end of ["error", "timeout", "abort"]) request.addEventListener(end, cut);
    request.send(body);
  });
}

/*
 * <form data-upload> sends its files with a <progress>; a cut connection is said and the
 * file kept, to be sent again by the same button. With data-one-by-one each file is a
 * request of its own: what arrived stays, what is left is still chosen.
 */
for (const form of document.querySelectorAll("form[data-upload]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  const note = form.dataset.saved ?? "saved";
  const input = form.querySelector("input[type=file]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const bar = form.querySelector("progress");
    const each = form.hasAttribute("data-one-by-one") && input instanceof HTMLInputElement;
    const files = each ? [...(input.files ?? [])] : [];
    /** @type {(File | null)[]} */
    const turns = files.length ? files : [null];
    const refused = [];
    let onward = "";
    if (button) button.disabled = true;
    try {
      for (const [at, file] of turns.entries()) {
        const body = new FormData(form);
        if (each && file) body.set(input.name, file);
        const answer = await sent(form, body, bar);
        if (answer.status < 300) onward = answer.getResponseHeader("x-onward") ?? "";
        else refused.push(answer.responseText);
        if (each && file) {
          const left = new DataTransfer();
          for (const later of files.slice(at + 1)) left.items.add(later);
          input.files = left.files;
        }
      }
      if (refused.length < turns.length) {
        if (refused.length) sessionStorage.setItem("said", JSON.stringify([note, refused.join(" ")]));
        if (onward) window.location.assign(onward);
        else window.location.reload();
      } else say(note, refused.join(" "), "bad");
    } catch {
      say(note, form.dataset.cut ?? "", "bad");
    } finally {
      if (button) button.disabled = false;
      if (bar) bar.hidden = true;
    }
  });
  if (form.hasAttribute("data-upload-at-once")) {
    form.querySelector("input[type=file]")?.addEventListener("change", () => form.requestSubmit());
  }
}

/*
 * <div data-drop> takes a dropped file into its file input. <input data-most="bytes"
 * data-large="sentence"> says at once what is too large, before a phone sends it in vain.
 */
for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  if (!(place instanceof HTMLElement) || !(input instanceof HTMLInputElement)) continue;
  place.classList.add("ready");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      place.classList.toggle("over", kind === "dragover");
    });
  }
  place.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
for (const input of document.querySelectorAll("input[data-most]")) {
  if (!(input instanceof HTMLInputElement)) continue;
  input.addEventListener("change", () => {
    const isLarge = (input.files?.[0]?.size ?? 0) > Number(input.dataset.most);
    input.setCustomValidity(isLarge ? (input.dataset.large ?? "") : "");
    if (isLarge) input.reportValidity();
  });
}

// <span class="pick-name"> beside a file input tells what was chosen.
for (const name of document.querySelectorAll(".pick-name")) {
  const input = name.closest(".pick")?.querySelector("input");
  input?.addEventListener("change", () => (name.textContent = [...(input.files ?? [])].map((one) => one.name).join(", ")));
}

// <form data-busy="sentence" data-saved="id"> says what goes on while its answer is made.
for (const form of document.querySelectorAll("form[data-busy]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.addEventListener("submit", () => say(form.dataset.saved ?? "saved", form.dataset.busy ?? ""));
}

// <button data-copy="id"> copies the text of an element; data-done is what it says then.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
    await navigator.clipboard.writeText(text.trim());
    button.textContent = button.dataset.done ?? button.textContent;
  });
}

// <button data-print> prints the page.
for (const button of document.querySelectorAll("button[data-print]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

/** @param {string} text */
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

/** @param {ArrayBuffer} buffer */
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

/** @param {any} options */
function decoded(options) {
  const found = { ...options, challenge: bytesOf(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytesOf(options.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (options[list]) found[list] = options[list].map((/** @type {any} */ one) => ({ ...one, id: bytesOf(one.id) }));
  }
  return found;
}

/** @param {PublicKeyCredential} credential */
function encoded(credential) {
  const answer = /** @type {any} */ (credential.response);
  /** @type {Record<string, unknown>} */
  const response = { clientDataJSON: textOf(answer.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (answer[name]) response[name] = textOf(answer[name]);
  }
  if (answer.getTransports) response.transports = answer.getTransports();
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

/*
 * <form data-passkey="create|get" data-options="/address"> asks the authenticator and puts
 * its answer as JSON into the field "credential", then sends the form.
 */
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!(form instanceof HTMLFormElement) || !window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    const field = form.elements.namedItem("credential");
    if (!(field instanceof HTMLInputElement) || field.value) return;
    event.preventDefault();
    try {
      const answer = await ask(form.dataset.options ?? "", { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      const publicKey = decoded(await answer.json());
      const credential = await (form.dataset.passkey === "create"
        ? navigator.credentials.create({ publicKey })
        : navigator.credentials.get({ publicKey }));
      if (!(credential instanceof PublicKeyCredential)) return;
      field.value = JSON.stringify(encoded(credential));
      form.submit();
    } catch (error) {
      const cancelled = error instanceof DOMException;
      say(form.dataset.saved ?? "saved", cancelled ? (form.dataset.cut ?? "") : String(error), "bad");
    }
  });
}
