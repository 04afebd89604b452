//! A figure as SVG: time over the number of rules, both logarithmic.

use crate::engines::{Entry, Kind};
use crate::figure::Figure;
use crate::workload::turns::{count, shown};

const LEFT: f64 = 70.0;
const RIGHT: f64 = 640.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 500.0;
/// The least distance of two names.
const LINE: f64 = 15.0;

const COLOURS: [(&str, &str); 9] = [
    ("Rust", "#888888"),
    ("claimsc", "#000000"),
    ("CEL", "#1f77b4"),
    ("Cedar", "#2ca02c"),
    ("Rego", "#d62728"),
    ("Jsonnet", "#9467bd"),
    ("QuickJS", "#ff7f0e"),
    ("Rhai", "#8c564b"),
    ("V8", "#17a2b8"),
];

/// A line for each engine: dashed without an index.
pub(crate) fn plot(figure: &Figure, entries: &[Entry]) -> String {
    let axes = Axes::of(figure, entries);
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 545\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"800\" height=\"545\" fill=\"white\"/>\n",
    );
    axes.draw(figure, &mut svg);
    let mut names: Vec<(f64, String)> = Vec::new();
    for entry in entries {
        let times = figure.sizes.iter().filter_map(|size| Some((*size, figure.time(entry.name, *size)?)));
        let times: Vec<(usize, f64)> = times.collect();
        let Some((_, end)) = times.last() else { continue };
        let colour = COLOURS.iter().find(|(name, _)| entry.name.starts_with(name));
        let colour = colour.map_or("#000000", |(_, colour)| colour);
        let points: Vec<String> =
            times.iter().map(|(size, time)| format!("{:.1},{:.1}", axes.x(*size), axes.y(*time))).collect();
        let dashes = if entry.kind == Kind::Plain { " stroke-dasharray=\"5 4\"" } else { "" };
        let width = if entry.kind == Kind::Claimsc { 3.0 } else { 1.5 };
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}/>\n",
            points.join(" ")
        ));
        names.push((axes.y(*end), format!("fill=\"{colour}\">{}, {}", entry.name, shown(*end))));
    }
    // Names stand beside the ends of their lines, and none over another.
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut below = BOTTOM + LINE;
    for (end, name) in names {
        below = (below - LINE).min(end);
        svg.push_str(&format!("<text x=\"{:.1}\" y=\"{:.1}\" {name}</text>\n", RIGHT + 8.0, below + 4.0));
    }
    svg + "</svg>\n"
}

/// The ranges of both axes as logarithms.
struct Axes {
    sizes: (f64, f64),
    decades: (f64, f64),
}

impl Axes {
    fn of(figure: &Figure, entries: &[Entry]) -> Self {
        let of_entry =
            |entry: &Entry| figure.sizes.iter().filter_map(|size| figure.time(entry.name, *size)).collect();
        let times: Vec<f64> = entries.iter().flat_map(|entry| -> Vec<f64> { of_entry(entry) }).collect();
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        let sizes = || figure.sizes.iter().map(|size| count(*size).log10());
        Axes {
            sizes: (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max)),
            decades: (least.log10().floor(), most.log10().ceil()),
        }
    }

    fn x(&self, size: usize) -> f64 {
        let (first, end) = self.sizes;
        LEFT + (count(size).log10() - first) / (end - first).max(1.0) * (RIGHT - LEFT)
    }

    fn y(&self, nanos: f64) -> f64 {
        let (first, end) = self.decades;
        BOTTOM - (nanos.log10() - first) / (end - first) * (BOTTOM - TOP)
    }

    fn draw(&self, figure: &Figure, svg: &mut String) {
        let mut decade = self.decades.0;
        while decade <= self.decades.1 {
            let nanos = 10_f64.powf(decade);
            let at = self.y(nanos);
            svg.push_str(&format!("<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#dddddd\"/>\n"));
            let (x, y) = (LEFT - 8.0, at + 4.0);
            svg.push_str(&format!(
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>\n",
                axis(nanos)
            ));
            decade += 1.0;
        }
        let mut below = |x: f64, line: f64, text: &str| {
            let y = BOTTOM + line;
            svg.push_str(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{text}</text>\n"));
        };
        for size in &figure.sizes {
            below(self.x(*size), 18.0, &size.to_string());
        }
        below(f64::midpoint(LEFT, RIGHT), 36.0, "rules; dashed: without an index");
    }
}

fn axis(nanos: f64) -> String {
    match nanos {
        0.0..1e3 => format!("{nanos:.0} ns"),
        1e3..1e6 => format!("{:.0} us", nanos / 1e3),
        _ => format!("{:.0} ms", nanos / 1e6),
    }
}
