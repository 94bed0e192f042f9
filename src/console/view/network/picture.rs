//! The picture of the network: this node in the middle, the others in circles around it.

use super::node_list::{NetworkNode, NodeState};
use crate::{console::words, runtime::limits};
use std::f64::consts::TAU;

/// Radius of the first circle, and the distance between two.
const RADIUS: f64 = 150.0;
/// See [`RADIUS`].
const STEP: f64 = 110.0;
/// Places on the first circle; each further one has as many more.
const PLACES: usize = 8;
/// Room around the outermost circle.
const MARGIN: f64 = 60.0;
/// Characters of a label.
const LABEL: usize = 16;
/// Characters of its end that are kept: names of one kind often differ in their numbers alone.
const LABEL_END: usize = 6;

/// A node of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedNode {
    /// Where it stands.
    pub x: i64,
    /// Where it stands.
    pub y: i64,
    /// The first letter of its type.
    pub letter: char,
    /// Its name, shortened.
    pub label: String,
    /// Its whole name, its state and the reason.
    pub title: String,
    /// How it stands with it.
    pub state: NodeState,
    /// The id of its policy.
    pub policy: Option<String>,
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width and height.
    pub side: i64,
    /// Where this node stands, in both directions.
    pub middle: i64,
    /// The name of this node.
    pub own: String,
    /// The others.
    pub nodes: Vec<PlacedNode>,
    /// Those that are only in the table.
    pub left_out: usize,
}

impl Picture {
    /// Places the nodes, in their order.
    #[must_use]
    pub fn of(own: &str, nodes: &[NetworkNode]) -> Self {
        let shown = nodes.len().min(limits::CONSOLE_NODES);
        let circles = circles(shown);
        let middle = whole(MARGIN + RADIUS + STEP * f64::from(u32::try_from(circles.len().max(1) - 1).unwrap_or(0)));
        let places =
            circles.iter().enumerate().flat_map(|(circle, count)| (0..*count).map(move |at| place(circle, at, *count)));
        let placed = nodes.iter().zip(places).map(|(node, (x, y))| PlacedNode {
            x: middle + x,
            y: middle + y,
            letter: node.kind.chars().next().map_or('?', |letter| letter.to_ascii_uppercase()),
            label: short(&node.name),
            title: title(node),
            state: node.state,
            policy: node.policy.clone(),
        });
        Self { side: 2 * middle, middle, own: short(own), nodes: placed.collect(), left_out: nodes.len() - shown }
    }
}

/// Returns how many nodes stand on each circle.
fn circles(nodes: usize) -> Vec<usize> {
    let (mut left, mut circles) = (nodes, Vec::new());
    while left > 0 {
        let count = left.min(PLACES * (circles.len() + 1));
        circles.push(count);
        left -= count;
    }
    circles
}

/// Returns a place on a circle, from the middle: the first one is at the top, and circles are turned against each other.
fn place(circle: usize, at: usize, count: usize) -> (i64, i64) {
    let as_float = |number: usize| f64::from(u32::try_from(number).unwrap_or(0));
    let radius = RADIUS + STEP * as_float(circle);
    let turn = (as_float(at) + 0.5 * as_float(circle % 2)) / as_float(count.max(1));
    let angle = TAU * (turn - 0.25);
    (whole(radius * angle.cos()), whole(radius * angle.sin()))
}

#[expect(clippy::cast_possible_truncation, reason = "places in a picture are small")]
fn whole(length: f64) -> i64 {
    length.round() as i64
}

/// Shortens a name in its middle.
fn short(name: &str) -> String {
    let count = name.chars().count();
    if count <= LABEL {
        return name.to_owned();
    }
    let end: String = name.chars().skip(count - LABEL_END).collect();
    words::short(name, LABEL - LABEL_END) + &end
}

fn title(node: &NetworkNode) -> String {
    let name = &node.name;
    let state = node.state.as_str();
    let more = [&node.lag, &node.reason].into_iter().filter(|text| !text.is_empty());
    more.fold(format!("{} {name}: {state}", node.kind), |title, text| format!("{title}; {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_fill_from_the_middle() {
        assert_eq!(circles(0), Vec::<usize>::new());
        assert_eq!(circles(1), [1]);
        assert_eq!(circles(48), [8, 16, 24]);
    }

    #[test]
    fn nobody_stands_outside_or_on_another() {
        let side = Picture::of("own", &[]).side;
        assert_eq!(side, 420);
        let circles = circles(48);
        let mut places: Vec<_> = circles
            .iter()
            .enumerate()
            .flat_map(|(circle, count)| (0..*count).map(move |at| place(circle, at, *count)))
            .collect();
        assert!(places.iter().all(|(x, y)| x.abs() <= 370 && y.abs() <= 370));
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 48);
    }

    #[test]
    fn labels_are_short() {
        assert_eq!([short("edge"), short("nantes-operator-12")], ["edge", "nantes-op…tor-12"]);
        assert_eq!(short(&"x".repeat(1_000_000)).chars().count(), LABEL);
    }
}
