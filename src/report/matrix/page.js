
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const FACETS = ["client", "grant", "audience", "token", "claim", "label"];
  const OTHER = "(other)", NONE = "(none)";
  const CHUNK = 200;

  const $ = (id) => document.getElementById(id);
  /** An element with text; text is never read as markup. */
  const make = (tag, name, ...content) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...content.filter((part) => part !== null && part !== undefined));
    return element;
  };

  // Names

  const namespaces = Object.entries(data.namespaces).sort((a, b) => b[1].length - a[1].length);
  const shortened = (name) => {
    const found = namespaces.find(([, prefix]) => name.startsWith(prefix) && name.length > prefix.length);
    return found ? [`${found[0]}/`, name.slice(found[1].length)] : ["", name];
  };
  const keyOf = (party) => (party ? party.alias : OTHER);
  const setKeys = (set) => (set.length ? set.map(keyOf) : [NONE]);
  const tokenName = (subject) => subject.replace("_", " ");
  const NAMES = {
    client: { [OTHER]: "any other client" },
    audience: { [OTHER]: "any other audience", [NONE]: "no audience" },
  };
  const nameOf = (facet, key) => {
    if (facet === "claim") return shortened(key).join("");
    if (facet === "token") return tokenName(key);
    return NAMES[facet]?.[key] ?? key;
  };

  // What can be looked for: of a row and of each of its cells

  const unique = (list) => [...new Set(list)];
  const rows = data.rows.map((row, index) => {
    const keys = {
      client: row.clients.map(keyOf),
      grant: row.grants,
      audience: unique(row.audiences.flatMap(setKeys)),
      token: [row.subject],
    };
    const words = [keys.client.map((key) => nameOf("client", key)), row.clients.map((party) => party?.id), row.grants,
      keys.audience.map((key) => nameOf("audience", key)), row.audiences.flat().map((party) => party?.id),
      tokenName(row.subject), row.undecided];
    const cells = row.cells.map((cell) => ({
      cell,
      keys: { claim: row.subject === "request" ? [] : [cell.name], label: unique(cell.writes.flatMap((write) => write.labels)) },
      text: [cell.name, shortened(cell.name).join(""), ...cell.writes.flatMap((write) =>
        [write.verb, write.member, write.value, write.condition ?? "always", write.type, write.rule, write.place, ...write.labels])]
        .join("\n").toLowerCase(),
    }));
    return { index, row, keys, cells, text: words.flat().join("\n").toLowerCase() };
  });
  const claimCount = unique(rows.flatMap((row) => row.cells.flatMap((cell) => cell.keys.claim))).length;

  // Filters: the state is what the address holds

  const state = Object.fromEntries([...FACETS, "q"].map((name) => [name, ""]));
  const open = new Set();
  let shown = CHUNK;

  const isCellFacet = (facet) => facet === "claim" || facet === "label";
  const holds = (keys, facet, except) => facet === except || !state[facet] || keys.includes(state[facet]);

  /** The cells of a row that fit all filters but one; null if the row does not fit. */
  function fitting(row, words, except) {
    if (!FACETS.every((facet) => isCellFacet(facet) || holds(row.keys[facet], facet, except))) return null;
    const rest = words.filter((word) => !row.text.includes(word));
    const asked = rest.length > 0 || ["claim", "label"].some((facet) => facet !== except && state[facet]);
    if (!asked) return row.cells;
    const cells = row.cells.filter((cell) => holds(cell.keys.claim, "claim", except) &&
      holds(cell.keys.label, "label", except) && rest.every((word) => cell.text.includes(word)));
    return cells.length ? cells : null;
  }

  const searched = () => state.q.toLowerCase().split(/\s+/).filter(Boolean);

  function fillFacets(words) {
    for (const facet of FACETS) {
      const counts = new Map();
      for (const row of rows) {
        const cells = fitting(row, words, facet);
        if (!cells) continue;
        const keys = isCellFacet(facet) ? unique(cells.flatMap((cell) => cell.keys[facet])) : row.keys[facet];
        for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const select = $(facet);
      const options = facetKeys[facet].filter((key) => counts.has(key) || key === state[facet]).map((key) => {
        const option = make("option", "", `${nameOf(facet, key)} (${counts.get(key) ?? 0})`);
        option.value = key;
        return option;
      });
      const all = make("option", "", "all");
      all.value = "";
      select.replaceChildren(all, ...options);
      select.value = state[facet];
      select.classList.toggle("set", state[facet] !== "");
    }
  }

  const facetKeys = Object.fromEntries(FACETS.map((facet) => {
    const all = isCellFacet(facet)
      ? unique(rows.flatMap((row) => row.cells.flatMap((cell) => cell.keys[facet]))).sort()
      : unique(rows.flatMap((row) => row.keys[facet]));
    // What is not listed comes last.
    return [facet, [...all.filter((key) => key !== OTHER), ...all.filter((key) => key === OTHER)]];
  }));

  // Rows

  const code = (text) => {
    const element = make("code", "");
    let end = 0;
    for (const match of text.matchAll(/"(?:\\.|[^"\\])*"|\b(?:and|or|not|in|exists|unless)\b/g)) {
      element.append(text.slice(end, match.index));
      element.append(make("span", match[0].startsWith('"') ? "string" : "word", match[0]));
      end = match.index + match[0].length;
    }
    element.append(text.slice(end));
    return element;
  };

  const claimName = (name) => {
    const [prefix, rest] = shortened(name);
    const element = make("span", "", prefix && make("span", "prefix", prefix), rest);
    if (prefix) element.title = name;
    return element;
  };

  const list = (items) => {
    const element = make("ul", "list");
    element.append(...items);
    return element;
  };
  const partyItem = (facet, keys, title) => {
    const item = make("li", "party");
    keys.forEach((key, i) => {
      const names = [key === OTHER || key === NONE ? "vague" : "", key === state[facet] ? "hit" : ""];
      item.append(i ? " + " : "", make("span", names.join(" ").trim(), nameOf(facet, key)));
    });
    if (title) item.title = title;
    return item;
  };
  const ids = (parties) => parties.filter(Boolean).map((party) => party.id).join(" + ");

  function chip({ cell, keys }, subject) {
    const removes = cell.writes.filter((write) => write.verb === "remove");
    const always = (writes) => writes.some((write) => write.condition === null);
    let name = "chip";
    if (removes.length === cell.writes.length) name += " gone";
    if (!always(cell.writes) || (removes.length && !always(removes))) name += " maybe";
    if (keys.label.length) name += " marked";
    const count = subject === "request" && cell.writes.length > 1 ? ` ×${cell.writes.length}` : null;
    return make("span", name, subject === "request" ? cell.name : claimName(cell.name), count);
  }

  function rowElement(entry, cells) {
    const { row, index } = entry;
    const element = make("tr", "row");
    const button = make("button", "");
    button.type = "button";
    button.setAttribute("aria-controls", `detail-${index}`);
    button.setAttribute("aria-label",
      `Details: ${entry.keys.client.map((key) => nameOf("client", key)).join(", ")}, ${tokenName(row.subject)}`);
    const chips = make("div", "chips");
    chips.append(...cells.map((cell) => chip(cell, row.subject)));
    if (!cells.length) chips.append(make("span", "vague", row.subject === "request" ? "nothing refused or limited" : "no claims"));
    const hidden = row.cells.length - cells.length;
    if (hidden > 0) chips.append(make("span", "vague", `${hidden} more not shown`));
    const isWritten = row.cells.some((cell) => cell.writes.some((write) => write.verb !== "remove"));
    const bytes = row.max_token_bytes ?? row.max_bytes;
    if (row.undecided.length) chips.append(make("span", "undecided", "undecided"));
    element.append(
      make("td", "toggle", button),
      make("td", "", list(row.clients.map((party) => partyItem("client", [keyOf(party)], party?.id)))),
      make("td", "", list(row.grants.map((grant) => partyItem("grant", [grant])))),
      make("td", "", list(row.audiences.map((set) => partyItem("audience", setKeys(set), ids(set))))),
      make("td", "token", make("span", row.subject === state.token ? "hit" : "", tokenName(row.subject))),
      make("td", "", chips),
      make("td", "number", isWritten && bytes !== null ? `≤ ${bytes.toLocaleString("en")} B` : ""),
    );
    const detail = make("tr", "detail");
    detail.id = `detail-${index}`;
    const show = (wanted) => {
      button.setAttribute("aria-expanded", String(wanted));
      element.classList.toggle("open", wanted);
      if (wanted && !detail.hasChildNodes()) detail.append(detailCell(row, cells));
      detail.hidden = !wanted;
      if (wanted) open.add(index); else open.delete(index);
    };
    element.addEventListener("click", (event) => {
      // Whoever marks text does not want the row to move.
      if (event.target === button || String(getSelection()) === "") show(detail.hidden);
    });
    element.show = show;
    show(open.has(index));
    return [element, detail];
  }

  function detailCell(row, cells) {
    const content = make("td", "");
    content.colSpan = 7;
    if (cells.length) {
      const head = make("tr", "");
      for (const title of [row.subject === "request" ? "Effect" : "Claim", "Value", "When", "Labels", "Rule"]) {
        const th = make("th", "", title);
        th.scope = "col";
        head.append(th);
      }
      const body = make("tbody", "");
      for (const { cell } of cells) cell.writes.forEach((write, i) => body.append(writeElement(row, cell, write, i)));
      content.append(make("table", "writes", make("thead", "", head), body));
    } else {
      content.append(make("p", "note", row.subject === "request" ? "Nothing is refused or limited." : "No claims."));
    }
    for (const text of row.undecided) {
      content.append(make("p", "note", make("span", "undecided", "Undecided: "), code(text)));
    }
    return content;
  }

  function writeElement(row, cell, write, i) {
    const value = make("td", "");
    if (row.subject !== "request" && write.verb !== "add") value.append(make("span", "verb", write.verb));
    if (write.member !== null) value.append(make("code", "", `.${write.member} = `));
    if (write.value !== null) value.append(code(write.value));
    if (write.type !== null && write.type !== write.value) value.append(" ", make("span", "type", write.type));
    const name = i ? null : make("code", "", row.subject === "request" ? cell.name : claimName(cell.name));
    const when = write.condition === null ? make("span", "always", "always") : code(write.condition);
    const labels = write.labels.map((label) => {
      const badge = make("span", "badge", label);
      if (/^[a-z_]+$/.test(label)) badge.classList.add(label);
      return badge;
    });
    const rule = make("td", "rule", write.rule && make("b", "", write.rule), write.rule && " ", write.place);
    return make("tr", i ? "same" : "", make("td", "claim", name), value, make("td", "", when), make("td", "", ...labels), rule);
  }

  // Drawing

  let found = [];

  function draw() {
    const words = searched();
    fillFacets(words);
    found = rows.map((row) => [row, fitting(row, words)]).filter(([, cells]) => cells);
    $("rows").replaceChildren(...found.slice(0, shown).flatMap(([row, cells]) => rowElement(row, cells)));
    $("empty").hidden = found.length > 0;
    const left = found.length - shown;
    $("more").hidden = left <= 0;
    $("more").firstElementChild.textContent = `Show ${left} more`;
    const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
    const part = found.length < rows.length ? `${found.length} of ` : "";
    $("count").textContent = `${part}${many(rows.length, "row")} · ${many(claimCount, "claim")}`;
    const applied = FACETS.filter((facet) => state[facet]).map((facet) => `${facet}: ${nameOf(facet, state[facet])}`);
    if (state.q) applied.push(`search: ${state.q}`);
    $("applied").textContent = applied.length ? `Only ${applied.join(", ")}` : "";
    labelExpand();
  }

  const drawn = () => [...document.querySelectorAll(".row")];
  const allOpen = () => drawn().length > 0 && drawn().every((row) => row.classList.contains("open"));
  const labelExpand = () => { $("expand").textContent = allOpen() ? "Collapse all" : "Expand all"; };
  const expand = (wanted) => { drawn().forEach((row) => row.show(wanted)); labelExpand(); };

  function changed() {
    const parameters = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
    const fragment = String(parameters);
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
    shown = CHUNK;
    draw();
  }

  function readAddress() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(state)) state[name] = parameters.get(name) ?? "";
    for (const facet of FACETS) if (!facetKeys[facet].includes(state[facet])) state[facet] = "";
    $("q").value = state.q;
    draw();
  }

  function clear() {
    for (const name of Object.keys(state)) state[name] = "";
    $("q").value = "";
    changed();
  }

  // Light and dark

  const THEMES = ["", "light", "dark"];
  const stored = { get() { try { return localStorage.getItem("theme") ?? ""; } catch { return ""; } },
    set(theme) { try { localStorage.setItem("theme", theme); } catch { /* The page works without. */ } } };
  let theme = THEMES.includes(stored.get()) ? stored.get() : "";
  function applyTheme() {
    if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
    $("theme").textContent = theme ? (theme === "light" ? "Light" : "Dark") : "Auto";
  }
  function nextTheme() {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    stored.set(theme);
    applyTheme();
  }

  // Keys

  function step(by) {
    const buttons = [...document.querySelectorAll(".row .toggle button")];
    const at = buttons.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : buttons.length - 1) : Math.min(Math.max(at + by, 0), buttons.length - 1);
    buttons[next]?.focus();
    buttons[next]?.scrollIntoView({ block: "nearest" });
  }

  const KEYS = {
    "/": () => { $("q").focus(); $("q").select(); },
    "?": () => $("manual").showModal(),
    j: () => step(1),
    k: () => step(-1),
    e: () => expand(!allOpen()),
    c: clear,
    t: nextTheme,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("manual").open) return;
    const isField = event.target.matches("input, select");
    if (isField && event.key === "Escape") step(1);
    if (isField || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  for (const facet of FACETS) $(facet).addEventListener("change", (event) => { state[facet] = event.target.value; changed(); });
  $("q").addEventListener("input", () => { state.q = $("q").value; changed(); });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", (event) => { event.preventDefault(); clear(); });
  $("expand").addEventListener("click", () => expand(!allOpen()));
  $("theme").addEventListener("click", nextTheme);
  $("help").addEventListener("click", () => $("manual").showModal());
  $("more").firstElementChild.addEventListener("click", () => { shown = Infinity; draw(); });
  $("rows").addEventListener("click", labelExpand);
  addEventListener("hashchange", readAddress);

  // On paper everything that fits is open.
  let before = null;
  addEventListener("beforeprint", () => { before = [...open]; shown = Infinity; draw(); expand(true); });
  addEventListener("afterprint", () => { open.clear(); before?.forEach((index) => open.add(index)); shown = CHUNK; draw(); });

  applyTheme();
  readAddress();
})();
