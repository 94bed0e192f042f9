//! The geometry of charts. What they look like is in the templates and in the style.

use super::words;

/// Width of the drawing of a line.
const WIDTH: usize = 600;
/// Its height, without the room above the highest value.
const HEIGHT: usize = 120;
/// Characters of the label of a bar.
const LABEL: usize = 40;
/// Room above the highest value.
const ABOVE: usize = 10;

/// One bar: what it stands for, how much, and its length in hundredths of the longest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// The same, shortened.
    pub label: String,
    /// How much of it there is.
    pub count: usize,
    /// The same for people.
    pub figure: String,
    /// The length, 1 to 100; 0 for nothing.
    pub length: usize,
}

/// Makes bars, the longest one first.
#[must_use]
pub fn bars(counts: impl IntoIterator<Item = (String, usize)>) -> Vec<Bar> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
    let most = counts.first().map_or(0, |(_, count)| *count);
    let length = |count: usize| (count.saturating_mul(100).checked_div(most).unwrap_or(0)).max(usize::from(count > 0));
    counts
        .into_iter()
        .map(|(name, count)| Bar {
            label: words::short(&name, LABEL),
            name,
            count,
            figure: words::number(count),
            length: length(count),
        })
        .collect()
}

/// A line over values at equal distances, as `points` of SVG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChart {
    /// The points of the line.
    pub points: String,
    /// The points of the area below it.
    pub area: String,
    /// Width of the drawing.
    pub width: usize,
    /// Height of the drawing.
    pub height: usize,
    /// The highest value.
    pub most: usize,
    /// The sum of the values.
    pub sum: usize,
}

/// Draws a line.
#[must_use]
pub fn line(values: &[usize]) -> LineChart {
    let most = values.iter().copied().max().unwrap_or(0);
    let steps = values.len().saturating_sub(1).max(1);
    let (width, bottom) = (WIDTH, HEIGHT + ABOVE);
    let at = |(place, value): (usize, &usize)| {
        let rise = value.saturating_mul(HEIGHT).checked_div(most).unwrap_or(0);
        format!("{},{}", place * WIDTH / steps, bottom - rise)
    };
    let points: Vec<String> = values.iter().enumerate().map(at).collect();
    let points = points.join(" ");
    let area = format!("0,{bottom} {points} {width},{bottom}");
    LineChart { points, area, width, height: bottom, most, sum: values.iter().sum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_the_length_of_their_share() {
        let made = bars([("a".to_owned(), 1), ("b".to_owned(), 1000), ("c".to_owned(), 500), ("d".to_owned(), 0)]);
        let told: Vec<_> = made.iter().map(|bar| (bar.label.as_str(), bar.length)).collect();
        assert_eq!(told, [("b", 100), ("c", 50), ("a", 1), ("d", 0)]);
        assert!(bars([]).is_empty());
    }

    #[test]
    fn a_line_stays_within_its_drawing() {
        let drawn = line(&[0, 5, 10]);
        assert_eq!(drawn.points, "0,130 300,70 600,10");
        assert_eq!((drawn.most, drawn.sum), (10, 15));
        assert_eq!(line(&[]).sum, 0);
        assert_eq!(line(&[0, 0]).points, "0,130 600,130");
    }
}
