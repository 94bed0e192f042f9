//! The figures that people look at first, as people read them.

use crate::{
    command::{FigureUnit, KeyFigure},
    reply::thousands,
};
use serde_json::Value;

/// Figures about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureGroup {
    /// What they are about.
    pub name: String,
    /// The figures.
    pub figures: Vec<FigureView>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureView {
    /// What it tells.
    pub name: String,
    /// Its value with its unit.
    pub shown: String,
    /// Its exact value, where another one is shown.
    pub exact: Option<String>,
    /// Its number, of which the page draws a line; nothing for yes and no.
    pub number: Option<String>,
}

/// Puts figures about one thing together, in their order.
#[must_use]
pub fn grouped(figures: Vec<KeyFigure>) -> Vec<FigureGroup> {
    let mut groups: Vec<FigureGroup> = Vec::new();
    for figure in figures {
        let view = view(&figure);
        match groups.last_mut() {
            Some(last) if last.name == figure.group => last.figures.push(view),
            _ => groups.push(FigureGroup { name: figure.group, figures: vec![view] }),
        }
    }
    groups
}

fn view(figure: &KeyFigure) -> FigureView {
    let KeyFigure { name, value, unit, .. } = figure;
    let number = value.as_f64();
    let (shown, exact) = match (unit, number) {
        (FigureUnit::Bytes, Some(bytes)) => (bytes_shown(bytes), Some(format!("{} bytes", whole(value)))),
        (FigureUnit::Seconds, Some(seconds)) => (time_shown(seconds), Some(format!("{seconds} seconds"))),
        (FigureUnit::State, _) => ((if *value == Value::Bool(true) { "yes" } else { "no" }).to_owned(), None),
        (_, Some(_)) => (whole(value), None),
        (_, None) => (value.to_string(), None),
    };
    let exact = exact.filter(|exact| *exact != shown);
    FigureView { name: name.clone(), shown, exact, number: number.map(|number| number.to_string()) }
}

fn whole(value: &Value) -> String {
    value.as_u64().map_or_else(|| value.to_string(), thousands)
}

/// Writes bytes as people do, with three digits.
fn bytes_shown(bytes: f64) -> String {
    let units = ["bytes", "KB", "MB", "GB", "TB"];
    let mut size = bytes;
    for unit in units {
        if size < 1000.0 || unit == "TB" {
            let digits = if unit == "bytes" || size >= 100.0 { 0 } else { 1 };
            return format!("{size:.digits$} {unit}");
        }
        size /= 1000.0;
    }
    format!("{bytes} bytes")
}

/// Writes seconds as people do: the two largest units.
fn time_shown(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let mut left = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default().as_secs();
    let mut parts = Vec::new();
    for (unit, length) in [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)] {
        let count = left / length;
        left %= length;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn figure(group: &str, value: Value, unit: FigureUnit) -> KeyFigure {
        KeyFigure { group: group.to_owned(), name: "n".to_owned(), value, unit }
    }

    #[test]
    fn figures_read_as_people_write_them() {
        let shown = |value, unit| view(&figure("g", value, unit)).shown;
        assert_eq!(shown(json!(999), FigureUnit::Bytes), "999 bytes");
        assert_eq!(shown(json!(12_345_678), FigureUnit::Bytes), "12.3 MB");
        assert_eq!(shown(json!(5e15), FigureUnit::Bytes), "5000 TB");
        assert_eq!(shown(json!(3.25), FigureUnit::Seconds), "3.2 s");
        assert_eq!(shown(json!(90_061), FigureUnit::Seconds), "1 d 1 h");
        assert_eq!(shown(json!(12_345), FigureUnit::Count), "12,345");
        assert_eq!(
            (shown(json!(true), FigureUnit::State), shown(json!(false), FigureUnit::State)),
            ("yes".into(), "no".into())
        );
        let exact = view(&figure("g", json!(12_345_678), FigureUnit::Bytes)).exact;
        assert_eq!(exact.as_deref(), Some("12,345,678 bytes"));
    }

    #[test]
    fn groups_keep_their_order() {
        let figures = ["a", "a", "b"].map(|group| figure(group, json!(1), FigureUnit::Count));
        let groups = grouped(figures.to_vec());
        assert_eq!(
            groups.iter().map(|group| (group.name.as_str(), group.figures.len())).collect::<Vec<_>>(),
            [("a", 2), ("b", 1)]
        );
    }
}
