//! The codes with which commands fail, and the document that tells operators what leads to each.

use anylog_master::reply::Code;
use std::fs;
use syn::{Attribute, Expr, ImplItem, Item, Lit, Meta};

/// Returns the codes that this node answers: number, and what leads to it, which stands behind the text of the code.
fn codes() -> Vec<(u16, String)> {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/reply/code.rs")).unwrap();
    let file = syn::parse_file(&source).unwrap();
    let items = file.items.iter().filter_map(|item| match item {
        Item::Impl(part) => Some(&part.items),
        _ => None,
    });
    let constants = items.flatten().filter_map(|item| match item {
        ImplItem::Const(constant) => Some((number(&constant.expr)?, paragraphs(&constant.attrs))),
        _ => None,
    });
    let mut found: Vec<(u16, String)> = constants
        .map(|(number, paragraphs)| {
            let [_, meaning] = paragraphs.as_slice() else { panic!("{number} has {} paragraphs", paragraphs.len()) };
            (number, meaning.clone())
        })
        .collect();
    found.sort();
    found
}

/// Returns the number of `Self(2)`.
fn number(value: &Expr) -> Option<u16> {
    let Expr::Call(call) = value else { return None };
    let Some(Expr::Lit(literal)) = call.args.first() else { return None };
    let Lit::Int(number) = &literal.lit else { return None };
    number.base10_parse().ok()
}

/// Returns the paragraphs of the documentation of an item, each in one line.
fn paragraphs(attributes: &[Attribute]) -> Vec<String> {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines.collect();
    lines.split(String::is_empty).filter(|part| !part.is_empty()).map(|part| part.join(" ")).collect()
}

/// `UPDATE_DOCS=1 cargo test --test it errors` writes the table of the document anew.
#[test]
fn the_document_lists_every_code_that_is_answered() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");
    let document = fs::read_to_string(path).unwrap();
    let (head, _) = document.split_once("\n| code |").expect("the document has the table");
    let rows = codes()
        .into_iter()
        .map(|(number, meaning)| format!("| {number} | {} | {} |\n", Code(number).text(), meaning.replace('|', "\\|")));
    let table: String = rows.collect();
    let wanted = format!("{head}\n| code | text | what leads to it, and what to do |\n|---|---|---|\n{table}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &wanted).unwrap();
        return;
    }
    let different = document.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted);
    assert!(document == wanted, "run with UPDATE_DOCS=1; first difference: {different:#?}");
}
