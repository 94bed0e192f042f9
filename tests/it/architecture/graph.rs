//! Which file needs which, and the circles among them.

use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Files and the files that they use.
pub struct Graph {
    names: Vec<String>,
    arrows: Vec<BTreeSet<usize>>,
}

impl Graph {
    /// Draws an arrow for every path that a file names; a re-export stands for the file behind it.
    pub fn new(sources: &[Source]) -> Self {
        let modules: BTreeMap<Vec<String>, usize> =
            sources.iter().enumerate().map(|(at, source)| (source.module(), at)).collect();
        let exported: Vec<BTreeMap<String, Vec<String>>> = sources
            .iter()
            .map(|source| source.re_exports().into_iter().map(|export| (export.name, export.path)).collect())
            .collect();
        let arrows = sources.iter().enumerate().map(|(at, source)| {
            let own = source.module().len();
            let relative = source.relative_paths();
            let inside = relative.iter().filter(|path| modules.contains_key(&path[..=own.min(path.len() - 1)]));
            let used = source.used_paths();
            used.iter()
                .chain(inside)
                .filter_map(|path| target(path, &modules, &exported))
                .filter(|to| *to != at)
                .collect()
        });
        Self { names: sources.iter().map(|source| source.path.clone()).collect(), arrows: arrows.collect() }
    }

    /// Returns the circles: groups of files each of which needs all others, sorted by name.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let reach: Vec<BTreeSet<usize>> = (0..self.arrows.len()).map(|from| self.reached(from)).collect();
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for from in 0..self.arrows.len() {
            if !seen.insert(from) || !reach[from].contains(&from) {
                continue;
            }
            let circle: BTreeSet<usize> =
                reach[from].iter().copied().filter(|to| *to == from || reach[*to].contains(&from)).collect();
            seen.extend(&circle);
            let mut names: Vec<String> = circle.into_iter().map(|at| self.names[at].clone()).collect();
            names.sort();
            circles.push(names);
        }
        circles
    }

    /// Returns the files that can be reached from one by at least one arrow.
    fn reached(&self, from: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<usize> = self.arrows[from].iter().copied().collect();
        while let Some(at) = next.pop() {
            if reached.insert(at) {
                next.extend(&self.arrows[at]);
            }
        }
        reached
    }
}

/// Returns the file that a path leads to.
fn target(
    path: &[String],
    modules: &BTreeMap<Vec<String>, usize>,
    exported: &[BTreeMap<String, Vec<String>>],
) -> Option<usize> {
    let (length, file) =
        (1..=path.len()).rev().find_map(|length| modules.get(&path[..length]).map(|file| (length, *file)))?;
    let behind = path.get(length).and_then(|name| exported[file].get(name));
    match behind {
        Some(real) if real.as_slice() != path => target(real, modules, exported).or(Some(file)),
        _ => Some(file),
    }
}
