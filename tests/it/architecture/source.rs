//! One source file: which paths it uses, whatever the form of their `use`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use syn::{
    Attribute, ItemMod, ItemUse, UseTree,
    visit::{self, Visit},
};

/// A parsed file below `src`.
pub struct Source {
    /// Its path below `src`, with `/`.
    pub path: String,
    file: syn::File,
}

/// A re-export `pub use path::to::Name [as Other]` of a file.
pub struct ReExport {
    /// The name that others use.
    pub name: String,
    /// The path that it stands for, from the root of the crate.
    pub path: Vec<String>,
}

impl Source {
    /// Reads all files below a folder.
    pub fn below(root: &Path) -> Vec<Self> {
        let mut paths = Vec::new();
        collect(root, &mut paths);
        paths.sort();
        let read = |path: &PathBuf| {
            let text = fs::read_to_string(path).expect("a source file is text");
            let below = path.strip_prefix(root).expect("the file is below its root").to_string_lossy().into_owned();
            Self::parsed(&below, &text)
        };
        paths.iter().map(read).collect()
    }

    /// Parses a text as the file of a path.
    pub fn parsed(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), file }
    }

    /// Returns the module that the file is, from the root of the crate.
    pub fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) && self.path != "main.rs" {
            parts.pop();
        }
        parts
    }

    /// Returns the first folder or file name below `src`.
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Returns every path of our own crate that the code outside of tests names, from the root of the crate.
    pub fn used_paths(&self) -> BTreeSet<Vec<String>> {
        let mut uses = Uses { module: self.module(), ..Uses::default() };
        uses.visit_file(&self.file);
        uses.own
    }

    /// Returns every path that begins with neither `crate`, `self` nor `super`, as if it began with a module of this file.
    pub fn relative_paths(&self) -> BTreeSet<Vec<String>> {
        let mut uses = Uses { module: self.module(), ..Uses::default() };
        uses.visit_file(&self.file);
        uses.relative
    }

    /// Returns the names of other crates that the code outside of tests begins paths with.
    pub fn foreign_crates(&self) -> BTreeSet<String> {
        let mut uses = Uses { module: self.module(), ..Uses::default() };
        uses.visit_file(&self.file);
        uses.foreign
    }

    /// Returns what the file re-exports.
    pub fn re_exports(&self) -> Vec<ReExport> {
        let mut found = Vec::new();
        for item in &self.file.items {
            let syn::Item::Use(item) = item else { continue };
            if matches!(item.vis, syn::Visibility::Inherited) || is_test(&item.attrs) {
                continue;
            }
            let mut leaves = Vec::new();
            flatten(&item.tree, &mut Vec::new(), &mut leaves);
            let module = self.module();
            for (path, name) in leaves {
                let path = absolute(&path, &module).unwrap_or_else(|| [module.clone(), path].concat());
                found.push(ReExport { name, path });
            }
        }
        found
    }

    /// Returns the names of the types that every room may know.
    pub fn public_types(&self) -> BTreeSet<String> {
        let name = |item: &syn::Item| {
            let (vis, name) = match item {
                syn::Item::Struct(item) => (&item.vis, &item.ident),
                syn::Item::Enum(item) => (&item.vis, &item.ident),
                syn::Item::Trait(item) => (&item.vis, &item.ident),
                syn::Item::Type(item) => (&item.vis, &item.ident),
                _ => return None,
            };
            matches!(vis, syn::Visibility::Public(_)).then(|| name.to_string())
        };
        self.file.items.iter().filter_map(name).collect()
    }

    /// Returns the string literals of the code outside of tests.
    pub fn literals(&self) -> Vec<String> {
        let mut literals = Literals::default();
        literals.visit_file(&self.file);
        literals.0
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder can be read") {
        let path = entry.expect("a folder entry can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

/// Lists the leaves of a use tree: their paths and the names they get.
fn flatten(tree: &UseTree, before: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((before.clone(), before.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            leaves.push(([before.as_slice(), std::slice::from_ref(&name)].concat(), name));
        }
        UseTree::Rename(rename) => {
            let name = rename.ident.to_string();
            let path = if name == "self" { before.clone() } else { [before.as_slice(), &[name]].concat() };
            leaves.push((path, rename.rename.to_string()));
        }
        UseTree::Glob(_) => leaves.push((before.clone(), "*".to_owned())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, leaves)),
    }
}

/// Returns a path from the root of the crate when it begins with `crate`, `self` or `super`.
fn absolute(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.get(..module.len().checked_sub(1)?)?.to_vec(),
        _ => return None,
    };
    let mut rest = path.get(1..).unwrap_or_default();
    while let Some((first, behind)) = rest.split_first()
        && first == "super"
    {
        base.pop()?;
        rest = behind;
    }
    Some([base.as_slice(), rest].concat())
}

/// Collects the paths of a file.
#[derive(Default)]
struct Uses {
    module: Vec<String>,
    own: BTreeSet<Vec<String>>,
    relative: BTreeSet<Vec<String>>,
    foreign: BTreeSet<String>,
}

impl Uses {
    fn take(&mut self, path: &[String]) {
        match absolute(path, &self.module) {
            Some(own) if !own.is_empty() => drop(self.own.insert(own)),
            Some(_) => {}
            None => {
                self.relative.insert([self.module.as_slice(), path].concat());
                self.foreign.extend(path.first().cloned());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if is_test(&item.attrs) {
            return;
        }
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut leaves);
        for (path, _) in leaves {
            self.take(&path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if parts.len() > 1 {
            self.take(&parts);
        }
        visit::visit_path(self, path);
    }
}

#[derive(Default)]
struct Literals(Vec<String>);

impl<'ast> Visit<'ast> for Literals {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.0.push(literal.value());
    }
}
