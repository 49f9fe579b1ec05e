// Makes the chat smoother where it runs; nothing depends on it. No words are kept on the device.
"use strict";
(() => {
  const find = (name, within = document) => within.querySelector(`[data-${name}]`);

  // --- leaving: a blank page at once, then somewhere neutral; Back does not return here ---
  const leave = find("leave");
  const goAway = (event) => {
    event?.preventDefault();
    document.title = "";
    document.body.replaceChildren();
    navigator.sendBeacon("/exit");
    location.replace(leave.dataset.leave);
  };
  leave.addEventListener("click", goAway);
  let shifts = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") { shifts = []; return; }
    if (event.repeat) return;
    shifts = [...shifts.filter((at) => at > Date.now() - 2000), Date.now()];
    if (shifts.length >= 3) goAway();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.replace("/chat"); });

  // --- coming in: the link leaves no trace behind Back ---
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-in]")) return;
    event.preventDefault();
    try {
      const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (reply.redirected && reply.ok) { location.replace(reply.url); return; }
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.querySelector("#code")?.focus();
    } catch { form.submit(); }
  });

  // Where the header takes two rows, as large letters make it, it must not cover what we scroll to.
  const header = document.querySelector("header");
  new ResizeObserver(() => {
    document.documentElement.style.scrollPaddingBlockStart = `${header.offsetHeight + 12}px`;
  }).observe(header);

  const log = document.querySelector("[data-log] ol");
  if (!log) return;
  const answering = find("answering"), status = find("status"), turn = find("turn"), menu = find("menu");
  const box = () => answering.querySelector("textarea");
  const field = (form, name) => form?.querySelector(`[name=${name}]`);
  const again = () => location.replace("/chat");
  const say = (what) => { status.hidden = !what; status.textContent = what ? status.dataset[what] : ""; };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // --- sending: one thing after the other, with the same key until it has arrived ---
  const queue = [];
  let busy = false, wait = 1000, working = false;

  const fresh = async () => {
    const reply = await fetch(`/chat?after=${log.dataset.newest}`, { headers: { "X-Enhance": "1" } });
    return reply.ok && !reply.redirected ? reply.text() : "";
  };

  // The visit has ended, or its form is too old: with a new token it is sent once more; without
  // one the words stay in the box.
  const renew = async (data) => {
    const html = data.renewed ? "" : await fresh();
    const token = field(find("answer", new DOMParser().parseFromString(html, "text/html"))?.content, "csrf");
    data.renewed = true;
    if (token) { data.set("csrf", token.value); return; }
    queue.length = 0;
    if (!box()?.value) { again(); return; }
    hold(false);
    say("ended");
  };

  const send = async () => {
    if (busy || !queue.length) return;
    busy = true;
    say("sending");
    const data = queue[0];
    const large = [...data.values()].some((value) => value instanceof File);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), large ? 240000 : 20000);
    try {
      const reply = await fetch("/chat", { method: "POST", body: data, headers: { "X-Enhance": "1" }, signal: stop.signal });
      if (reply.status >= 500) throw new Error();
      if (reply.redirected) {
        await renew(data);
      } else if (!reply.ok) {
        again();
        return;
      } else {
        const html = await reply.text();
        queue.shift();
        say("");
        show(html, data);
      }
      wait = 1000;
      busy = false;
      send();
    } catch {
      say("waiting");
      busy = false;
      setTimeout(send, wait);
      wait = Math.min(wait * 2, 30000);
    } finally {
      clearTimeout(timer);
    }
  };
  addEventListener("online", () => { wait = 1000; send(); });

  const hold = (on) => {
    for (const one of answering.querySelectorAll("button")) one.disabled = on;
    if (box()) box().readOnly = on;
  };

  const post = async (form, more) => {
    const data = new FormData(form);
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    menu.open = false;
    hold(true);
    say("sending");
    for (const name of ["voice", "picture", "file"]) {
      const file = data.get(name);
      if (!(file instanceof File)) continue;
      if (!file.size && !file.name) data.delete(name);
      else if (name === "picture") data.set(name, await smaller(file));
    }
    queue.push(data);
    send();
  };

  // A photo from a phone, in the size that is kept: quicker to send, and no place or time in it.
  const smaller = async (file) => {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 2000 / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return new File([blob], "picture", { type: "image/jpeg" });
    } catch { return file; }
  };

  // --- showing what came: `data` is what was sent, nothing when it came by itself ---
  const show = (html, data) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const last = find("wiped", page);
    if (last) { events.close(); queue.length = 0; document.querySelector("main").replaceChildren(last); scrollTo(0, 0); return; }
    const lines = find("lines", page), answer = find("answer", page);
    if (!lines || !answer) { again(); return; }
    if (answer.dataset.language !== document.documentElement.lang) {
      if (data || !box()?.value) again();
      return;
    }
    const before = Number(log.dataset.newest);
    const gone = new Set(lines.dataset.gone.split(" "));
    const old = [...log.children].filter((line) => gone.has(line.dataset.number));
    // A question that is only ticked stays in its place, and is not read out once more.
    if (old.length) log.parentElement.setAttribute("aria-live", "off");
    for (const line of old) line.remove();
    let first = null;
    for (const line of [...lines.content.children]) {
      if (Number(line.dataset.number) <= before) continue;
      document.querySelector("#newest")?.removeAttribute("id");
      log.append(line);
      if (!line.matches(".person")) first ??= line;
    }
    setTimeout(() => log.parentElement.removeAttribute("aria-live"), 500);
    const form = answer.content.querySelector("form"), mine = answering.querySelector("form");
    if (!form) return;
    log.dataset.newest = form.dataset.newest;
    find("code")?.remove();
    const same = mine && ["state", "revision"].every((name) => field(mine, name).value === field(form, name).value);
    // Words in the box belong to the question that they were typed under, whatever came since.
    const written = data && !data.has("command") ? "" : box()?.value;
    if (!data && (same || working || written)) {
      field(mine, "after").value = form.dataset.newest;
    } else {
      answering.replaceChildren(answer.content);
      if (written && box() && !box().value) box().value = written;
      enhance();
    }
    const tapped = data && old.length && answering.querySelector(`[name=choice][value="${CSS.escape(data.get("choice"))}"]`);
    if (tapped) { tapped.focus({ preventScroll: true }); return; }
    first?.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    if (data) (answering.querySelector("#asked") ? box() : turn).focus({ preventScroll: true });
  };

  // --- the form ---
  const enhance = () => {
    working = false;
    const form = answering.querySelector("form");
    if (!form) return;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const by = event.submitter;
      if (by?.hasAttribute("formaction")) getCode(form, by.formAction);
      else if (!box()?.readOnly) post(form, by?.name ? { [by.name]: by.value } : {});
    });
    const record = find("record", form), draw = find("draw", form);
    if (record && navigator.mediaDevices && window.MediaRecorder) recording(form, record);
    if (draw) drawing(form, draw);
  };
  const getCode = async (form, address) => {
    try {
      const reply = await fetch(address, { method: "POST", body: new FormData(form) });
      const code = find("code", new DOMParser().parseFromString(await reply.text(), "text/html"));
      if (!code) { again(); return; }
      find("code")?.remove();
      log.parentElement.before(code);
      code.scrollIntoView({ block: "start" });
    } catch { say("waiting"); }
  };
  const desktop = matchMedia("(hover: hover) and (pointer: fine)");
  answering.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !target.matches("textarea") || !desktop.matches) return;
    event.preventDefault();
    if (target.value.trim() && !target.readOnly) target.form.requestSubmit(target.form.querySelector("[value=words]"));
  });

  const recording = (form, record) => {
    const type = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"].find((one) => MediaRecorder.isTypeSupported(one));
    if (!type) return;
    const start = find("start", record), during = find("recording", record), told = find("told", record);
    const instead = find("record-else", form);
    record.hidden = false;
    instead.hidden = true;
    start.addEventListener("click", async () => {
      let stream;
      try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch {
        told.textContent = record.dataset.refused;
        instead.hidden = false;
        instead.open = true;
        return;
      }
      const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24000 });
      const pieces = [], began = Date.now();
      let keep = true;
      working = true;
      const clock = setInterval(() => {
        const passed = Math.round((Date.now() - began) / 1000);
        told.textContent = `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, "0")} / 3:00`;
        if (passed >= 180 && recorder.state === "recording") recorder.stop();
      }, 1000);
      recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
      recorder.addEventListener("stop", () => {
        clearInterval(clock);
        for (const track of stream.getTracks()) track.stop();
        working = false;
        start.hidden = false;
        during.hidden = true;
        told.textContent = "";
        if (keep) post(form, { voice: new File(pieces, "voice", { type: type.split(";")[0] }) });
      });
      find("stop", record).onclick = () => recorder.stop();
      find("drop", record).onclick = () => { keep = false; recorder.stop(); start.focus(); };
      recorder.start();
      start.hidden = true;
      during.hidden = false;
      find("stop", record).focus();
    });
  };

  const drawing = (form, draw) => {
    const canvas = draw.querySelector("canvas"), pen = canvas.getContext("2d");
    const wipe = () => {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      working = false;
    };
    const at = (event) => {
      const place = canvas.getBoundingClientRect();
      return [(event.clientX - place.left) * canvas.width / place.width, (event.clientY - place.top) * canvas.height / place.height];
    };
    draw.hidden = false;
    wipe();
    pen.lineWidth = 8;
    pen.lineCap = pen.lineJoin = "round";
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
      pen.lineTo(...at(event));
      pen.stroke();
      working = true;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    find("wipe", draw).addEventListener("click", wipe);
    find("send-drawing", draw).addEventListener("click", () => {
      if (!working) return;
      canvas.toBlob((blob) => post(form, { picture: new File([blob], "drawing", { type: "image/png" }) }), "image/png");
    });
  };

  // --- reading aloud, by a voice of the phone's own: others send the words to a company ---
  const read = find("read");
  if (read && window.speechSynthesis) {
    const newest = () => [...log.querySelectorAll(".line:not(.person)")].pop();
    const tongue = () => newest()?.lang || document.documentElement.lang;
    const voice = () => speechSynthesis.getVoices().find((one) => one.localService && one.lang.toLowerCase().startsWith(tongue()));
    const offer = () => { read.hidden = !voice(); };
    offer();
    speechSynthesis.addEventListener?.("voiceschanged", offer);
    read.addEventListener("click", () => {
      const speaking = speechSynthesis.speaking;
      speechSynthesis.cancel();
      if (speaking) return;
      const parts = [...newest().querySelectorAll("p, blockquote"), ...answering.querySelectorAll(".choices .button:not(.exit)")];
      const speech = new SpeechSynthesisUtterance(parts.map((part) => part.textContent.replace(/\p{Extended_Pictographic}|✓/gu, "")).join(". "));
      speech.lang = tongue();
      speech.voice = voice();
      speechSynthesis.speak(speech);
    });
  }

  // --- what comes from elsewhere: another tab, or the coordinator ---
  const events = new EventSource(`/chat/events?after=${log.dataset.newest}`);
  events.addEventListener("lines", async (event) => {
    if (busy || queue.length || Number(event.data) <= Number(log.dataset.newest)) return;
    try {
      const html = await fresh();
      if (html && !busy && !queue.length) show(html);
    } catch { /* the next event brings it */ }
  });

  events.addEventListener("gone", () => { if (!busy && !queue.length) again(); });

  if (location.pathname !== "/chat") history.replaceState(null, "", "/chat");
  enhance();
  (find("code") || [...log.querySelectorAll(".line:not(.person)")].pop())?.scrollIntoView({ block: "start" });
})();
