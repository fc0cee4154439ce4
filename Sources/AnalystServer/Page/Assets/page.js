// What the page does beyond its forms and links. Everything works without it, only slower.
"use strict";
document.documentElement.classList.add("scripted");

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
const page = document.body.dataset.page;

// Lines of a list: j, k, Enter, x.
const lines = () => all("#list tbody tr");
let current = -1;
function goTo(index) {
    const rows = lines();
    if (rows.length === 0) return;
    current = Math.max(0, Math.min(index, rows.length - 1));
    rows.forEach((row, place) => row.classList.toggle("current", place === current));
    const link = one("a.open", rows[current]);
    link.focus({ preventScroll: true });
    rows[current].scrollIntoView({ block: "nearest" });
}
document.addEventListener("focusin", (event) => {
    const row = event.target.closest("#list tbody tr");
    if (!row) return;
    current = lines().indexOf(row);
    lines().forEach((other) => other.classList.toggle("current", other === row));
});

// How many lines are chosen; without a choice the review of several has nothing to do.
const chosenText = one("#chosen");
function countChosen() {
    if (!chosenText) return;
    const count = all("#bulk .pick:checked").length;
    chosenText.textContent = count === 0 ? "Choose lines to review several at once."
        : count === 1 ? "1 line is chosen." : count + " lines are chosen.";
}
document.addEventListener("change", (event) => { if (event.target.matches(".pick")) countChosen(); });
countChosen();

const help = one("#help");
const helpButton = one("#help-button");
if (helpButton) helpButton.addEventListener("click", () => help.showModal());

document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const isTyping = event.target.matches("input:not(.pick), textarea, select");
    if (event.key === "Escape") {
        if (closeMenu()) return;
        if (isTyping) { event.target.blur(); return; }
        const back = one("#back");
        if (back) location.assign(back.href);
        return;
    }
    if (isTyping) return;
    if (event.target.closest("#picture") && movePicture(event)) return;
    switch (event.key) {
    case "j": goTo(current + 1); break;
    case "k": goTo(current - 1); break;
    case "x": {
        const pick = lines()[current] && one(".pick", lines()[current]);
        if (pick) { pick.checked = !pick.checked; countChosen(); }
        break;
    }
    case "?": help.showModal(); break;
    case "+": case "-": case "0":
        if (!view) return;
        zoom(event.key === "+" ? 0.8 : event.key === "-" ? 1.25 : 0);
        break;
    default: {
        const target = one("[data-key=\"" + CSS.escape(event.key) + "\"]");
        if (!target) return;
        if (target.matches("input")) target.focus();
        else if (!target.closest("#bulk") || all("#bulk .pick:checked").length > 0) target.click();
    }
    }
    event.preventDefault();
});

// The picture: loaded into the page, moved, zoomed, and its entities opened or expanded.
const picture = one("#picture");
let view = null;
let whole = null;
const expanded = new Set();

async function loadPicture(focusEntity) {
    const address = new URL(picture.dataset.source, location.href);
    if (expanded.size > 0) address.searchParams.set("expand", Array.from(expanded).join(","));
    picture.setAttribute("aria-busy", "true");
    try {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (!answer.ok) throw new Error("the server says " + answer.status);
        const text = await answer.text();
        const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
        if (drawn.nodeName !== "svg") throw new Error("no picture came");
        whole = (drawn.getAttribute("viewBox") || "0 0 100 100").split(/[ ,]+/).map(Number);
        view = whole.slice();
        drawn.removeAttribute("width");
        drawn.removeAttribute("height");
        picture.replaceChildren(document.importNode(drawn, true));
        show();
        all("svg a", picture).forEach((link) => {
            const name = one("title", link.closest("g.node") || link);
            link.setAttribute("role", "link");
            link.setAttribute("aria-label", name ? name.textContent : "Entity");
        });
        const again = focusEntity && one("svg a[*|href$=\"/" + focusEntity + "\"]", picture);
        if (again) again.focus();
    } catch (error) {
        const said = document.createElement("p");
        said.className = "waiting";
        said.textContent = "The picture could not be loaded: " + error.message + ". Load the page again, or read the evidence below.";
        picture.replaceChildren(said);
    }
    picture.removeAttribute("aria-busy");
}
function show() {
    const drawn = one("svg", picture);
    if (drawn) drawn.setAttribute("viewBox", view.join(" "));
}
// A factor of 0 shows the whole.
function zoom(factor, x = 0.5, y = 0.5) {
    if (!view) return;
    if (factor === 0) view = whole.slice();
    else {
        const width = Math.max(whole[2] / 50, Math.min(view[2] * factor, whole[2] * 2));
        const height = width * whole[3] / whole[2];
        view = [view[0] + (view[2] - width) * x, view[1] + (view[3] - height) * y, width, height];
    }
    show();
}
function movePicture(event) {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
    if (!step || !view) return false;
    view[0] += step[0] * view[2];
    view[1] += step[1] * view[3];
    show();
    event.preventDefault();
    return true;
}
let menu = null;
function closeMenu() {
    if (!menu) return false;
    menu.remove();
    menu = null;
    return true;
}
function openMenu(link, entity) {
    closeMenu();
    menu = document.createElement("div");
    menu.className = "node-menu";
    menu.setAttribute("role", "group");
    menu.setAttribute("aria-label", "Entity " + entity);
    const open = document.createElement("a");
    open.className = "button";
    open.href = "/entities/" + entity;
    open.textContent = "Open";
    const more = document.createElement("button");
    more.type = "button";
    more.textContent = expanded.has(entity) ? "Fold" : "Expand";
    more.addEventListener("click", () => {
        if (!expanded.delete(entity)) expanded.add(entity);
        closeMenu();
        loadPicture(entity);
    });
    menu.append(open, more);
    const frame = picture.getBoundingClientRect();
    const spot = link.getBoundingClientRect();
    menu.style.left = Math.max(0, Math.min(spot.left - frame.left, frame.width - 180)) + "px";
    menu.style.top = Math.max(0, Math.min(spot.bottom - frame.top, frame.height - 60)) + "px";
    picture.append(menu);
    more.focus();
}
if (picture) {
    loadPicture();
    all("[data-zoom]").forEach((button) => button.addEventListener("click", () =>
        zoom({ in: 0.7, out: 1.4, all: 0 }[button.dataset.zoom])));
    picture.addEventListener("wheel", (event) => {
        if (!view || !(event.ctrlKey || document.activeElement === picture)) return;
        const frame = picture.getBoundingClientRect();
        zoom(event.deltaY < 0 ? 0.85 : 1.18, (event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height);
        event.preventDefault();
    }, { passive: false });
    let hold = null;
    let moved = false;
    picture.addEventListener("pointerdown", (event) => {
        if (!view || event.target.closest(".node-menu")) return;
        hold = { x: event.clientX, y: event.clientY, view: view.slice() };
        moved = false;
    });
    window.addEventListener("pointermove", (event) => {
        if (!hold) return;
        const frame = one("svg", picture).getBoundingClientRect();
        const scale = Math.max(hold.view[2] / frame.width, hold.view[3] / frame.height);
        if (Math.hypot(event.clientX - hold.x, event.clientY - hold.y) > 4) moved = true;
        if (!moved) return;
        view[0] = hold.view[0] - (event.clientX - hold.x) * scale;
        view[1] = hold.view[1] - (event.clientY - hold.y) * scale;
        show();
    });
    window.addEventListener("pointerup", () => { hold = null; });
    picture.addEventListener("click", (event) => {
        const link = event.target.closest("svg a");
        if (!link) { if (!event.target.closest(".node-menu")) closeMenu(); return; }
        event.preventDefault();
        if (moved) return;
        const address = link.getAttribute("href") || link.getAttributeNS("http://www.w3.org/1999/xlink", "href") || "";
        const entity = /\/entities\/(\d+)$/.exec(address);
        if (entity) openMenu(link, entity[1]);
    });
}

// Live arrival. The stream is resumed by the browser itself from the last event's id.
const live = one("#live");
const arrivals = one("#arrivals");
const news = one("#news");
let waiting = 0;
let refresh = null;

async function renew() {
    refresh = null;
    if (page !== "anomalies") return;
    const isBusy = all("#bulk .pick:checked").length > 0 || document.activeElement.closest("#list, .filter");
    if (isBusy) {
        one("#news-text").textContent = waiting === 1 ? "1 change since this list was loaded." : waiting + " changes since this list was loaded.";
        news.hidden = false;
        return;
    }
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set(lines().map((row) => row.dataset.id));
    const now = one("#bulk", fresh);
    if (!now) return;
    one("#bulk").replaceChildren(...now.childNodes);
    lines().forEach((row) => { if (!known.has(row.dataset.id)) row.classList.add("fresh"); });
    waiting = 0;
    news.hidden = true;
    current = -1;
}
if (news) one("#news-show").addEventListener("click", () => location.reload());

function arrived(kind, text) {
    waiting += 1;
    arrivals.textContent = text;
    if (!refresh) refresh = setTimeout(renew, 400);
}
if (live && window.EventSource) {
    const stream = new EventSource("/api/ai/events");
    stream.onopen = () => { live.dataset.state = "live"; live.textContent = "live"; };
    stream.onerror = () => { live.dataset.state = "off"; live.textContent = "not live"; };
    const read = (event) => { try { return JSON.parse(event.data); } catch { return {}; } };
    stream.addEventListener("metrics:anomaly:detected", (event) => {
        const anomaly = read(event);
        arrived("detected", "New " + (anomaly.severity || "") + " anomaly");
    });
    for (const kind of ["metrics:anomaly:reviewed", "metrics:anomaly:resolved"]) {
        stream.addEventListener(kind, () => arrived(kind, ""));
    }
    window.addEventListener("pagehide", () => stream.close());
}
