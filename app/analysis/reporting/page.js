// Draws the charts of the page, says what is under the pointer, and zooms. Nothing here makes markup of a text.
(() => {
  "use strict";
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const tip = document.getElementById("tip");
  const LEFT = 58, RIGHT = 14, LABELS = 190;
  const config = {
    background: null, font: "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif", padding: 2,
    view: { stroke: null },
    axis: {
      labelColor: "var(--muted)", titleColor: "var(--muted)", gridColor: "var(--line)", domainColor: "var(--line)",
      tickColor: "var(--line)", labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400, titlePadding: 8,
    },
    axisY: { minExtent: 40, maxExtent: LABELS },
    legend: { labelColor: "var(--ink)", labelFontSize: 11, symbolStrokeWidth: 2.5 },
    style: { "guide-label": { fontSize: 11 } },
  };

  const rowsOf = (columns) => {
    const names = Object.keys(columns);
    const count = names.length ? columns[names[0]].length : 0;
    const rows = new Array(count);
    for (let at = 0; at < count; at++) {
      const row = {};
      for (const name of names) row[name] = columns[name][at];
      rows[at] = row;
    }
    return rows;
  };
  const number = (value) =>
    typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 4 }) : String(value);
  const room = () => document.querySelector("main").clientWidth;
  const widthFor = (plot) => {
    // What is folded has no width of its own yet: it will be as wide as what holds it.
    for (let each = plot; each; each = each.parentElement) if (each.clientWidth) return Math.min(each.clientWidth, room());
    return room();
  };
  const show = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = !text;
    if (!text) return;
    const box = tip.getBoundingClientRect();
    const left = x + 16 + box.width > innerWidth ? x - 16 - box.width : x + 16;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.max(4, Math.min(y + 14, innerHeight - box.height - 4)) + "px";
  };
  const ofMark = (handler, event, item, value) => {
    if (value === null || value === undefined || value === "") return show("");
    const lines = typeof value === "object" ? Object.entries(value).map(([name, each]) => `${name}: ${each}`) : [String(value)];
    show(lines.join("\n"), event.clientX, event.clientY);
  };

  class Chart {
    constructor(figure, given) {
      this.plot = figure.querySelector(".plot");
      this.given = given;
      this.rows = Object.fromEntries(Object.entries(given.data).map(([name, columns]) => [name, rowsOf(columns)]));
      this.span = given.span;
      this.range = given.span && [...given.span];
      if (this.span) this.listen(figure);
    }

    async draw() {
      const width = widthFor(this.plot);
      if (width === this.drawn) return;
      this.drawn = width;
      this.inner = Math.max(120, width - RIGHT - LEFT - 12);
      await this.embed();
      const svg = this.plot.querySelector("svg");
      const over = svg ? svg.width.baseVal.value - width : 0;
      if (over > 1) {
        this.inner = Math.max(120, this.inner - over - 2);
        await this.embed();
      }
    }

    async embed() {
      const spec = structuredClone(this.given.spec);
      spec.datasets = this.rows;
      for (const each of [spec, ...(spec.vconcat || []), ...(spec.layer || [])])
        for (const part of [each, ...(each.layer || [])]) if ("width" in part) part.width = this.inner;
      if (spec.params && this.range)
        for (const each of spec.params) each.value = this.range[each.name === "from_s" ? 0 : 1];
      if (this.shown) this.shown.finalize();
      this.shown = await benchtopEmbed(this.plot, spec, {
        mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, config, tooltip: ofMark,
      });
      if (this.hair) this.plot.append(this.hair, this.brush);
    }

    listen(figure) {
      this.hair = document.createElement("div");
      this.brush = document.createElement("div");
      this.hair.className = "hair";
      this.brush.className = "brush";
      this.hair.hidden = this.brush.hidden = true;
      for (const button of figure.querySelectorAll("button"))
        button.addEventListener("click", () => this.press(button.dataset.zoom));
      const plot = this.plot;
      plot.addEventListener("pointermove", (event) => this.move(event));
      plot.addEventListener("pointerleave", () => { if (this.from === undefined) this.leave(); });
      plot.addEventListener("pointerdown", (event) => {
        if (event.button || this.time(event) === undefined) return;
        this.from = event.clientX;
        plot.setPointerCapture(event.pointerId);
      });
      plot.addEventListener("pointerup", (event) => this.release(event));
      plot.addEventListener("pointercancel", () => this.leave());
      plot.addEventListener("dblclick", () => this.zoom(...this.span));
      plot.addEventListener("wheel", (event) => {
        const at = this.time(event);
        if (!event.ctrlKey || at === undefined) return;
        event.preventDefault();
        this.around(at, Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 120));
      }, { passive: false });
    }

    area() {
      const scale = this.plot.clientWidth ? this.plot.querySelector("svg").getBoundingClientRect().width / this.plot.querySelector("svg").viewBox.baseVal.width : 1;
      const boxes = [...this.plot.querySelectorAll("path.background")].map((path) => path.getBoundingClientRect());
      return boxes.filter((box) => Math.abs(box.width - this.inner * scale) < 3 && box.height > 20);
    }

    time(event) {
      const [box] = this.area();
      if (!box) return undefined;
      const share = (event.clientX - box.left) / box.width;
      if (share < -0.01 || share > 1.01) return undefined;
      return this.range[0] + Math.max(0, Math.min(1, share)) * (this.range[1] - this.range[0]);
    }

    move(event) {
      const at = this.time(event);
      const boxes = this.area();
      if (at === undefined || !boxes.length) return this.leave();
      const own = this.plot.getBoundingClientRect();
      const top = boxes[0].top - own.top, height = boxes[boxes.length - 1].bottom - boxes[0].top;
      const place = (element, left, width) =>
        Object.assign(element.style, { left: left + "px", top: top + "px", height: height + "px", width: width + "px" });
      place(this.hair, event.clientX - own.left, 1);
      this.hair.hidden = false;
      if (this.from !== undefined) {
        place(this.brush, Math.min(this.from, event.clientX) - own.left, Math.abs(event.clientX - this.from));
        this.brush.hidden = false;
      }
      show(this.says(at), event.clientX, event.clientY);
    }

    leave() {
      this.from = undefined;
      this.hair.hidden = this.brush.hidden = true;
      show("");
    }

    release(event) {
      const from = this.from;
      this.from = undefined;
      this.brush.hidden = true;
      if (from === undefined || Math.abs(event.clientX - from) < 6) return;
      const [box] = this.area();
      const [low, high] = [Math.min(from, event.clientX), Math.max(from, event.clientX)].map((x) =>
        this.time({ clientX: Math.max(box.left, Math.min(box.right, x)) }));
      this.zoom(low, high);
    }

    says(at) {
      const lines = [`${number(at)} s`];
      for (const readout of this.given.readouts) {
        const nearest = new Map();
        for (const row of this.rows[readout.data]) {
          const name = readout.by ? row[readout.by] : readout.label;
          const best = nearest.get(name);
          if (!best || Math.abs(row.t - at) < Math.abs(best.t - at)) nearest.set(name, row);
        }
        for (const [name, row] of nearest) {
          const told = readout.fields
            .filter(([field]) => row[field] !== null && row[field] !== undefined)
            .map(([field, label]) => `${label} ${number(row[field])}`.trim());
          if (told.length) lines.push(`${name}: ${told.join(", ")} ${readout.unit}`);
        }
      }
      return lines.join("\n");
    }

    press(way) {
      const middle = (this.range[0] + this.range[1]) / 2;
      if (way === "all") this.zoom(...this.span);
      else this.around(middle, way === "in" ? 0.5 : 2);
    }

    around(at, times) {
      this.zoom(at - (at - this.range[0]) * times, at + (this.range[1] - at) * times);
    }

    zoom(from, until) {
      const least = (this.span[1] - this.span[0]) / 2000;
      if (until - from < least) return;
      this.range = [Math.max(this.span[0], from), Math.min(this.span[1], until)];
      this.shown.view.signal("from_s", this.range[0]).signal("until_s", this.range[1]).runAsync();
    }
  }

  const drawn = charts.map((given) => new Chart(document.getElementById(given.id), given));
  const drawAll = async () => {
    for (const chart of drawn) {
      try {
        await chart.draw();
      } catch (error) {
        chart.plot.textContent = `This chart could not be drawn: ${error.message}`;
      }
    }
    document.documentElement.dataset.drawn = "yes";
  };
  drawAll();
  let waiting;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 150); });
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
})();
