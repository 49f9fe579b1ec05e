// Makes the chat smoother where it runs; nothing depends on it. No words are kept on the device.
"use strict";
(() => {
  const log = document.querySelector("[data-log] ol");
  const answering = document.querySelector("[data-answering]");
  const status = document.querySelector("[data-status]");

  // --- leaving: a blank page at once, then somewhere neutral; Back does not return here ---
  const leave = document.querySelector("[data-leave]");
  const goAway = (event) => {
    event?.preventDefault();
    document.title = "";
    document.body.replaceChildren();
    navigator.sendBeacon("/exit");
    location.replace(leave.href);
  };
  leave?.addEventListener("click", goAway);
  let shifts = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") { shifts = []; return; }
    shifts = [...shifts.filter((at) => at > Date.now() - 2000), Date.now()];
    if (shifts.length >= 3) goAway();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  if (!log) return;

  // --- sending: one thing after the other, with the same key until it has arrived ---
  const queue = [];
  let busy = false, wait = 1000;
  const say = (text) => { status.hidden = !text; status.textContent = text || ""; };

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const lines = page.querySelector("template[data-lines]");
    const answer = page.querySelector("template[data-answer]");
    if (!lines || !answer || answer.dataset.language !== document.documentElement.lang) { location.reload(); return; }
    const newest = Number(log.dataset.newest);
    let last = null;
    for (const line of lines.content.querySelectorAll("li")) {
      if (Number(line.dataset.number) <= Number(log.dataset.newest)) continue;
      log.dataset.newest = line.dataset.number;
      log.append(line);
      last = line.classList.contains("person") ? last : line;
    }
    const form = answer.content.querySelector("form");
    const written = answering.querySelector("textarea")?.value || "";
    const posted = answering.querySelector("form")?.dataset.posted;
    if (form && Number(log.dataset.newest) > newest || posted) {
      answering.replaceChildren(answer.content);
      const box = answering.querySelector("textarea");
      if (box && written && !posted && !box.value) box.value = written;
      enhance();
    }
    last?.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };

  const send = async () => {
    if (busy || !queue.length) return;
    busy = true;
    say(status.dataset.sending);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 20000);
    try {
      const reply = await fetch("/chat", {
        method: "POST", body: queue[0], headers: { "X-Enhance": "1" }, signal: stop.signal, credentials: "same-origin",
      });
      if (reply.redirected || !reply.ok) { location.reload(); return; }
      queue.shift();
      wait = 1000;
      say("");
      show(await reply.text());
      busy = false;
      send();
    } catch {
      say(status.dataset.waiting);
      busy = false;
      setTimeout(send, wait);
      wait = Math.min(wait * 2, 30000);
    } finally {
      clearTimeout(timer);
    }
  };
  addEventListener("online", () => { wait = 1000; send(); });

  const post = (form, more) => {
    const data = new FormData(form);
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    for (const name of ["voice", "picture", "file"]) {
      if (data.get(name) instanceof File && !data.get(name).size) data.delete(name);
    }
    form.dataset.posted = "1";
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    queue.push(data);
    send();
  };

  // --- recording, drawing ---
  const enhance = () => {
    const form = answering.querySelector("form");
    if (!form) return;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const by = event.submitter;
      post(form, by?.name ? { [by.name]: by.value } : {});
    });
    const record = form.querySelector("[data-record]");
    if (record && navigator.mediaDevices && window.MediaRecorder) recording(form, record);
    const draw = form.querySelector("[data-draw]");
    if (draw) drawing(form, draw);
  };

  const recording = (form, box) => {
    const [start, stop, seconds] = ["start", "stop", "seconds"].map((name) => box.querySelector(`[data-${name}]`));
    const type = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"].find((one) => MediaRecorder.isTypeSupported(one));
    if (!type) return;
    box.hidden = false;
    start.addEventListener("click", async () => {
      let stream;
      try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { return; }
      const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24000 });
      const pieces = [];
      const began = Date.now();
      const clock = setInterval(() => {
        const passed = Math.round((Date.now() - began) / 1000);
        seconds.textContent = `${passed}`;
        if (passed >= 180) recorder.stop();
      }, 1000);
      recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
      recorder.addEventListener("stop", () => {
        clearInterval(clock);
        for (const track of stream.getTracks()) track.stop();
        post(form, { voice: new File(pieces, "voice", { type: type.split(";")[0] }) });
      });
      recorder.start();
      start.hidden = true;
      stop.hidden = false;
      stop.addEventListener("click", () => recorder.stop(), { once: true });
    });
  };

  const drawing = (form, box) => {
    const canvas = box.querySelector("canvas");
    const pen = canvas.getContext("2d");
    box.hidden = false;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 4;
    pen.lineCap = "round";
    const at = (event) => {
      const place = canvas.getBoundingClientRect();
      return [(event.clientX - place.left) * canvas.width / place.width, (event.clientY - place.top) * canvas.height / place.height];
    };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(...at(event)); });
    canvas.addEventListener("pointermove", (event) => { if (event.buttons) { pen.lineTo(...at(event)); pen.stroke(); } });
    box.querySelector("[data-send-drawing]").addEventListener("click", () => {
      canvas.toBlob((blob) => post(form, { picture: new File([blob], "drawing.png", { type: "image/png" }) }), "image/png");
    });
  };

  // --- reading aloud, where the phone has a voice for the language ---
  const read = document.querySelector("[data-read]");
  if (read && window.speechSynthesis) {
    const voiceFor = (language) => speechSynthesis.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(language));
    const offer = () => { read.hidden = !voiceFor(document.documentElement.lang); };
    offer();
    speechSynthesis.addEventListener?.("voiceschanged", offer);
    read.addEventListener("click", () => {
      const last = [...log.querySelectorAll(".assistant")].pop();
      const speech = new SpeechSynthesisUtterance([...last.querySelectorAll("p, blockquote")].map((part) => part.textContent).join(". "));
      speech.lang = document.documentElement.lang;
      speech.voice = voiceFor(speech.lang);
      speechSynthesis.cancel();
      speechSynthesis.speak(speech);
    });
  }

  // --- what comes from elsewhere: another tab, or the coordinator ---
  const events = new EventSource(`/chat/events?after=${log.dataset.newest}`);
  events.addEventListener("lines", async (event) => {
    if (busy || queue.length || Number(event.data) <= Number(log.dataset.newest)) return;
    const reply = await fetch(`/chat?after=${log.dataset.newest}`, { headers: { "X-Enhance": "1" }, credentials: "same-origin" });
    if (reply.ok && !reply.redirected) show(await reply.text());
  });

  enhance();
  const lines = log.querySelectorAll(".assistant");
  lines[lines.length - 1]?.scrollIntoView({ block: "start" });
})();
