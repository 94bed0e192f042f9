//! Rows of a query as `job reply` carries them: segments that never leave their block (reference/tcp-protocol 10).

use crate::CONTENT;

/// Length of a segment's head: two bytes of length, one flag.
const HEAD: usize = 3;
/// A whole row.
const WHOLE: u8 = 0;
/// A part that goes on in the next block.
const PART: u8 = 1;
/// The last part of a row from the block before.
const END: u8 = 2;

/// The data of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowBlock {
    /// Length of the data in bytes.
    pub length: usize,
    /// Segments in it.
    pub segments: u16,
}

/// Cuts rows into segments for blocks whose command has so many bytes; returns the data of all and where to cut it.
#[must_use]
pub fn cut(rows: &[String], command: usize) -> (Vec<u8>, Vec<RowBlock>) {
    let room = CONTENT.saturating_sub(command);
    let mut data = Vec::new();
    let mut blocks = vec![RowBlock::default()];
    for row in rows {
        let (mut rest, mut flag) = (row.as_bytes(), WHOLE);
        while !rest.is_empty() {
            let used = blocks.last().map_or(0, |block| block.length);
            let Some(free) = room.checked_sub(used + HEAD).filter(|free| *free > 0) else {
                blocks.push(RowBlock::default());
                continue;
            };
            let (part, after) = rest.split_at_checked(free).unwrap_or((rest, &[]));
            flag = if after.is_empty() { if flag == WHOLE { WHOLE } else { END } } else { PART };
            data.extend(u16::try_from(part.len()).unwrap_or_default().to_be_bytes());
            data.push(flag);
            data.extend(part);
            if let Some(block) = blocks.last_mut() {
                block.length += HEAD + part.len();
                block.segments = block.segments.saturating_add(1);
            }
            rest = after;
        }
    }
    (data, blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts segments together again, as a member does.
    fn joined(data: &[u8], blocks: &[RowBlock]) -> Vec<String> {
        let (mut at, mut rows, mut part) = (0, Vec::new(), Vec::new());
        for block in blocks {
            let end = at + block.length;
            for _ in 0..block.segments {
                let length = usize::from(u16::from_be_bytes([data[at], data[at + 1]]));
                let flag = data[at + 2];
                part.extend(&data[at + HEAD..at + HEAD + length]);
                at += HEAD + length;
                if flag != PART {
                    rows.push(String::from_utf8(std::mem::take(&mut part)).unwrap());
                }
            }
            assert_eq!(at, end, "a segment leaves its block");
        }
        rows
    }

    #[test]
    fn rows_of_any_length_arrive_whole() {
        let rows: Vec<String> = [1, 500, 1829, 1830, 1831, 5000, 3, 1824, 2].map(|n| "x".repeat(n)).to_vec();
        let (data, blocks) = cut(&rows, 9);
        assert_eq!(joined(&data, &blocks), rows);
        assert!(blocks.iter().all(|block| block.length <= CONTENT - 9));
        assert_eq!(cut(&[], 9), (Vec::new(), vec![RowBlock::default()]));
    }
}
