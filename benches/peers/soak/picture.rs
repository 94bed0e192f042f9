//! The picture of a run: one panel below the other over the same time, drawn as SVG that is read by light and by dark.

use super::{kind::Work, sample::Sample};
use std::{fmt::Write as _, time::Duration};

/// What stands for the picture where it is not seen.
pub const ALT: &str = "Memory, descriptors, threads, times, requests and database files over the time of the soak";
/// Width of the picture, and the room beside the panels.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
/// Height of a panel with its title, and of what is drawn in it.
const PANEL: f64 = 180.0;
const DRAWN: f64 = 120.0;
/// Room above the first panel and below the last one.
const TOP: f64 = 50.0;
const BOTTOM: f64 = 30.0;
/// Lines of the grid of a panel, about.
const LINES: f64 = 4.0;
/// Marks of the time, about.
const MARKS: f64 = 8.0;

/// Colours with enough contrast on white and on a dark page; lines differ by their dashes as well.
const STYLE: &str = "<style>
  svg { background: #ffffff; font: 12px system-ui, sans-serif; }
  text { fill: #333333; } .head { font-size: 16px; font-weight: 600; } .name { font-weight: 600; }
  .grid { stroke: #dddddd; } .axis { stroke: #888888; }
  .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
  .a { stroke: #0b62c4; } .b { stroke: #b3470b; stroke-dasharray: 6 3; }
  .c { stroke: #147a3d; stroke-dasharray: 2 2; } .d { stroke: #8a2be2; stroke-dasharray: 9 3 2 3; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181d; } text { fill: #d5d9de; } .grid { stroke: #333a42; } .axis { stroke: #7d8791; }
    .a { stroke: #6cb2ff; } .b { stroke: #ffa066; } .c { stroke: #5fd38b; } .d { stroke: #c79bff; }
  }
</style>
";

/// A line of a panel.
struct Line {
    name: &'static str,
    values: Vec<f64>,
}

/// Some lines over the same time in the same unit.
struct Panel {
    name: &'static str,
    lines: Vec<Line>,
}

/// Draws the samples of a run.
pub fn draw(title: &str, samples: &[Sample], span: Duration) -> String {
    let panels = panels(samples);
    let (height, minutes) = (TOP + PANEL * panels.len() as f64 + BOTTOM, span.as_secs_f64() / 60.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{title}</title>\n<desc id=\"desc\">{ALT}: {}.</desc>\n{STYLE}<text class=\"head\" x=\"{LEFT}\" y=\"26\">{title}</text>\n",
        panels.iter().map(Panel::said).collect::<Vec<_>>().join("; ")
    );
    let times: Vec<f64> = samples.iter().map(|sample| sample.at / 60.0 / minutes).collect();
    for (number, panel) in panels.iter().enumerate() {
        let top = TOP + PANEL * number as f64;
        panel.draw(&mut out, top, &times);
        time(&mut out, top, minutes);
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">minutes</text>\n</svg>",
        WIDTH - RIGHT,
        height - 12.0
    );
    out
}

/// The panels of a run.
fn panels(samples: &[Sample]) -> Vec<Panel> {
    let line = |name, of: fn(&Sample) -> f64| Line { name, values: samples.iter().map(of).collect() };
    let works = |name, of: fn(&super::sample::Quantiles) -> f64| {
        let line = |work: Work| {
            let values = samples.iter().map(|sample| of(&sample.works[work as usize])).collect();
            Line { name: work.name(), values }
        };
        Panel { name, lines: Work::ALL.map(line).into() }
    };
    vec![
        Panel {
            name: "Resident memory, MB",
            lines: vec![line("node", |sample| sample.node.memory), line("load generator", |sample| sample.own.memory)],
        },
        Panel {
            name: "Descriptors and threads of the node",
            lines: vec![
                line("descriptors", |sample| sample.node.descriptors),
                line("threads", |sample| sample.node.threads),
                line("members that are there", |sample| sample.members),
            ],
        },
        works("p50 of ten seconds, ms", |times| times.p50),
        works("p99 of ten seconds, ms", |times| times.p99),
        works("Longest of ten seconds, ms", |times| times.longest),
        Panel { name: "Requests a second", lines: vec![line("all kinds", |sample| sample.rate)] },
        Panel { name: "Files of the database, MB", lines: vec![line("with its history", |sample| sample.files)] },
    ]
}

impl Panel {
    /// What a screen reader says of it: each line with its first value and its last one.
    fn said(&self) -> String {
        let ends = |line: &Line| {
            let end = |value: Option<&f64>| label(value.copied().unwrap_or_default());
            format!("{} from {} to {}", line.name, end(line.values.first()), end(line.values.last()))
        };
        format!("{}: {}", self.name, self.lines.iter().map(ends).collect::<Vec<_>>().join(", "))
    }

    fn draw(&self, out: &mut String, top: f64, times: &[f64]) {
        let _ = writeln!(out, "<text class=\"name\" x=\"{LEFT}\" y=\"{}\">{}</text>", top + 14.0, self.name);
        let most = self.lines.iter().flat_map(|line| &line.values).fold(0.0, |most: f64, value| most.max(*value));
        let step = step(most, LINES);
        let (ceiling, floor) = ((most / step).ceil().max(1.0) * step, top + 24.0 + DRAWN);
        let height = |value: f64| floor - value / ceiling * DRAWN;
        for number in 0..=(ceiling / step).round() as u32 {
            let (value, class) = (f64::from(number) * step, if number == 0 { "axis" } else { "grid" });
            let y = height(value);
            let _ = writeln!(
                out,
                "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0,
                label(value)
            );
        }
        let mut right = WIDTH - RIGHT;
        for (line, class) in self.lines.iter().zip(["a", "b", "c", "d"]).rev() {
            let points: Vec<String> = times
                .iter()
                .zip(&line.values)
                .map(|(at, value)| format!("{:.1},{:.1}", LEFT + at * (WIDTH - LEFT - RIGHT), height(*value)))
                .collect();
            let _ = writeln!(out, "<polyline class=\"line {class}\" points=\"{}\"/>", points.join(" "));
            let (y, begin) = (top + 14.0, right - line.name.len() as f64 * 6.6);
            let _ = writeln!(
                out,
                "<line class=\"line {class}\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{}\" y2=\"{}\"/><text x=\"{begin:.1}\" y=\"{y}\">{}</text>",
                begin - 32.0,
                begin - 6.0,
                y - 4.0,
                y - 4.0,
                line.name
            );
            right = begin - 50.0;
        }
    }
}

/// Writes the marks of the time below a panel.
fn time(out: &mut String, top: f64, minutes: f64) {
    let step = step(minutes, MARKS);
    for number in 0..=(minutes / step + 1e-9) as u32 {
        let at = f64::from(number) * step;
        let x = LEFT + at / minutes * (WIDTH - LEFT - RIGHT);
        let (floor, text) = (top + 24.0 + DRAWN, label(at));
        let _ = writeln!(
            out,
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{floor}\" y2=\"{}\"/><text x=\"{x:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{text}</text>",
            floor + 4.0,
            floor + 17.0
        );
    }
}

/// Returns a round step that divides some length into about so many parts.
fn step(length: f64, parts: f64) -> f64 {
    let rough = (length / parts).max(1e-3);
    let power = 10_f64.powf(rough.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= rough * 0.999).unwrap_or(10.0);
    digit * power
}

/// Returns a value with as many digits as it needs.
fn label(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
