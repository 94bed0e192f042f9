//! The picture of relations: three columns of boxes with lines between them, as the places of an SVG.

use super::addresses;
use crate::{
    command::ledger::documents::{Chain, Related, Relations},
    console::words::short,
};

/// Width and height of a box, and the room between two columns and two boxes.
const WIDTH: usize = 220;
const HEIGHT: usize = 40;
const BETWEEN_COLUMNS: usize = 90;
const BETWEEN_BOXES: usize = 12;
/// Room for the titles.
const TOP: usize = 36;
/// Room at the edges, where the focus of a box shows.
const MARGIN: usize = 6;
/// Characters that fit into a box.
const LETTERS: usize = 28;
/// Boxes of a column beside one policy.
const BESIDE: usize = 12;

/// A picture, with its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationPicture {
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
    /// The titles of the columns.
    pub titles: Vec<PictureText>,
    /// The boxes.
    pub boxes: Vec<PictureBox>,
    /// The lines, as SVG writes paths.
    pub lines: Vec<String>,
}

/// A text at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureText {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// The text.
    pub text: String,
}

/// A box that stands for a policy, or for those that have no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureBox {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
    /// The name in it, and below it the type.
    pub label: PictureText,
    /// The type.
    pub kind: PictureText,
    /// Where it leads; nothing where no policy is.
    pub href: Option<String>,
    /// True for the policy that the page is about.
    pub is_self: bool,
}

/// What a column has: some policies, and how many more there are.
struct PictureColumn<'a> {
    title: &'a str,
    policies: Vec<&'a Related>,
    more: usize,
}

impl RelationPicture {
    /// Draws what one policy has to do with others: the way of data that it is part of, else what names it and what it names.
    #[must_use]
    pub fn of_policy(relations: &Relations) -> Self {
        if let Some(chain) = &relations.chain {
            return Self::of_chain(chain, relations.policy.id.as_deref());
        }
        let before: Vec<&Related> = relations.named_by.shown.iter().take(BESIDE).collect();
        let behind: Vec<&Related> = relations.names.shown.iter().map(|one| &one.policy).take(BESIDE).collect();
        if before.is_empty() && behind.is_empty() {
            return Self::default();
        }
        let more = |all: usize, more: usize| (all + more).saturating_sub(BESIDE);
        let left = (0..before.len()).map(|at| (at, 0)).collect::<Vec<_>>();
        let right = (0..behind.len()).map(|at| (0, at)).collect::<Vec<_>>();
        let columns = [
            PictureColumn {
                title: "Named by",
                more: more(relations.named_by.shown.len(), relations.named_by.more),
                policies: before,
            },
            PictureColumn { title: "This policy", policies: vec![&relations.policy], more: 0 },
            PictureColumn {
                title: "Names",
                more: more(relations.names.shown.len(), relations.names.more),
                policies: behind,
            },
        ];
        draw(&columns, [&left, &right], relations.policy.id.as_deref())
    }

    /// Draws the way of data from tables over clusters to operators.
    #[must_use]
    pub fn of_chain(chain: &Chain, own: Option<&str>) -> Self {
        if chain.clusters.is_empty() {
            return Self::default();
        }
        let columns = [
            PictureColumn { title: "Tables", policies: chain.tables.shown.iter().collect(), more: chain.tables.more },
            PictureColumn {
                title: "Clusters",
                policies: chain.clusters.shown.iter().collect(),
                more: chain.clusters.more,
            },
            PictureColumn {
                title: "Operators",
                policies: chain.operators.shown.iter().collect(),
                more: chain.operators.more,
            },
        ];
        draw(&columns, [&chain.served, &chain.run], own)
    }

    /// Tells whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }
}

fn draw(columns: &[PictureColumn<'_>; 3], edges: [&[(usize, usize)]; 2], own: Option<&str>) -> RelationPicture {
    let count = |column: &PictureColumn<'_>| column.policies.len() + usize::from(column.more > 0);
    let most = columns.iter().map(count).max().unwrap_or_default().max(1);
    let height = TOP + most * (HEIGHT + BETWEEN_BOXES) + MARGIN;
    let width = 3 * WIDTH + 2 * BETWEEN_COLUMNS + 2 * MARGIN;
    let mut picture = RelationPicture { width, height, ..RelationPicture::default() };
    let mut tops = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let x = MARGIN + at * (WIDTH + BETWEEN_COLUMNS);
        // Short columns stand in the middle of long ones.
        let top = TOP + (most - count(column)) * (HEIGHT + BETWEEN_BOXES) / 2;
        tops.push(top);
        picture.titles.push(PictureText { x, y: TOP - 14, text: column.title.to_owned() });
        for (place, policy) in column.policies.iter().enumerate() {
            let is_self = own.is_some() && policy.id.as_deref() == own;
            let href = policy.id.as_deref().map(addresses::one);
            let texts = (short(&policy.name, LETTERS), short(&policy.kind, LETTERS));
            picture.boxes.push(one_box((x, y_of(top, place)), texts, href, is_self));
        }
        if column.more > 0 {
            let texts = (format!("{} more", column.more), String::new());
            picture.boxes.push(one_box((x, y_of(top, column.policies.len())), texts, None, false));
        }
    }
    for ((at, edges), tops) in edges.into_iter().enumerate().zip(tops.windows(2)) {
        let &[left, right] = tops else { continue };
        let from = MARGIN + at * (WIDTH + BETWEEN_COLUMNS) + WIDTH;
        let (to, middle) = (from + BETWEEN_COLUMNS, from + BETWEEN_COLUMNS / 2);
        picture.lines.extend(edges.iter().map(|(one, other)| {
            let (start, end) = (y_of(left, *one) + HEIGHT / 2, y_of(right, *other) + HEIGHT / 2);
            format!("M{from} {start}C{middle} {start} {middle} {end} {to} {end}")
        }));
    }
    picture
}

const fn y_of(top: usize, place: usize) -> usize {
    top + place * (HEIGHT + BETWEEN_BOXES)
}

fn one_box((x, y): (usize, usize), (name, kind): (String, String), href: Option<String>, is_self: bool) -> PictureBox {
    let label = PictureText { x: x + 10, y: y + 17, text: name };
    let kind = PictureText { x: x + 10, y: y + 32, text: kind };
    PictureBox { x, y, width: WIDTH, height: HEIGHT, label, kind, href, is_self }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::ledger::documents::{Reference, RelatedGroup};

    fn related(id: &str) -> Related {
        Related { id: Some(id.into()), kind: "device".into(), name: format!("<b>{id}") }
    }

    #[test]
    fn boxes_stand_in_columns_and_lines_between_them() {
        let mut relations = Relations {
            policy: related("me"),
            chain: None,
            names: RelatedGroup::holding(Vec::new(), 0),
            named_by: RelatedGroup::holding(Vec::new(), 0),
        };
        assert!(RelationPicture::of_policy(&relations).is_empty());
        relations.named_by = RelatedGroup::holding((0..40).map(|at| related(&at.to_string())).collect(), 7);
        relations.names = RelatedGroup::holding(vec![Reference { path: "x".to_owned(), policy: related("a b") }], 0);
        let picture = RelationPicture::of_policy(&relations);
        assert_eq!((picture.boxes.len(), picture.lines.len()), (BESIDE + 1 + 1 + 1, BESIDE + 1));
        assert_eq!(picture.boxes.iter().filter(|one| one.is_self).count(), 1);
        assert!(picture.boxes.iter().any(|one| one.label.text == "35 more" && one.href.is_none()));
        assert_eq!(picture.boxes.last().unwrap().href.as_deref(), Some("/console/policies/one?id=a%20b"));
        let is_inside = |one: &PictureBox| one.x + one.width <= picture.width && one.y + one.height <= picture.height;
        assert!(picture.boxes.iter().all(is_inside));
    }

    #[test]
    fn the_way_of_data_has_its_lines() {
        let chain = Chain {
            tables: RelatedGroup::holding(vec![related("t")], 0),
            clusters: RelatedGroup::holding(vec![related("c")], 0),
            operators: RelatedGroup::holding(vec![related("o"), related("p")], 3),
            served: vec![(0, 0)],
            run: vec![(0, 0), (0, 1)],
        };
        let picture = RelationPicture::of_chain(&chain, Some("c"));
        assert_eq!((picture.boxes.len(), picture.lines.len()), (5, 3));
        assert!(picture.boxes[1].is_self && picture.lines[0].starts_with("M226 "));
    }
}
