//! A figure as SVG: time over the number of rules, both logarithmic.

use crate::engines::{Entry, Kind};
use crate::figure::Figure;
use crate::workload::turns::shown;

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
    let times = || {
        entries.iter().flat_map(|entry| figure.sizes.iter().filter_map(|size| figure.time(entry.name, *size)))
    };
    let least = times().fold(f64::INFINITY, f64::min).log10().floor();
    let most = times().fold(0.0, f64::max).log10().ceil();
    let sizes: Vec<f64> =
        figure.sizes.iter().map(|size| f64::from(u32::try_from(*size).unwrap_or(u32::MAX)).log10()).collect();
    let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
    let x = |size: f64| LEFT + (size - first) / (last - first).max(1.0) * (RIGHT - LEFT);
    let y = |nanos: f64| BOTTOM - (nanos.log10() - least) / (most - least) * (BOTTOM - TOP);

    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 545\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"800\" height=\"545\" fill=\"white\"/>\n",
    );
    let mut decade = least;
    while decade <= most {
        let (nanos, at) = (10_f64.powf(decade), y(10_f64.powf(decade)));
        svg.push_str(&format!("<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#dddddd\"/>\n"));
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            LEFT - 8.0,
            at + 4.0,
            axis(nanos)
        ));
        decade += 1.0;
    }
    for (size, at) in figure.sizes.iter().zip(&sizes) {
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{size}</text>\n",
            x(*at),
            BOTTOM + 18.0
        ));
    }
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">rules; dashed: without an index</text>\n",
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 36.0
    ));
    let mut names: Vec<(f64, String)> = Vec::new();
    for entry in entries {
        let points: Vec<(f64, f64, f64)> = figure
            .sizes
            .iter()
            .zip(&sizes)
            .filter_map(|(size, at)| figure.time(entry.name, *size).map(|time| (x(*at), y(time), time)))
            .collect();
        let Some((_, end, time)) = points.last().copied() else { continue };
        let colour = COLOURS
            .iter()
            .find(|(name, _)| entry.name.starts_with(name))
            .map_or("#000000", |(_, colour)| colour);
        let line: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
        let dashes = if entry.kind == Kind::Plain { " stroke-dasharray=\"5 4\"" } else { "" };
        let width = if entry.kind == Kind::Claimsc { 3.0 } else { 1.5 };
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}/>\n",
            line.join(" ")
        ));
        names.push((end, format!("fill=\"{colour}\">{}, {}", entry.name, shown(time))));
    }
    // Names stand beside the ends of their lines, and below each other.
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut below = BOTTOM + LINE;
    for (end, name) in names {
        below = (below - LINE).min(end);
        svg.push_str(&format!("<text x=\"{:.1}\" y=\"{:.1}\" {name}</text>\n", RIGHT + 8.0, below + 4.0));
    }
    svg + "</svg>\n"
}

fn axis(nanos: f64) -> String {
    match nanos {
        0.0..1e3 => format!("{nanos:.0} ns"),
        1e3..1e6 => format!("{:.0} us", nanos / 1e3),
        _ => format!("{:.0} ms", nanos / 1e6),
    }
}
