//! What stands around the content of every page.

use super::{
    answer::PageContent,
    assets, node_name,
    view::{NAVIGATION, NavigationItem},
    visitor::Visitor,
};
use crate::node::{Node, Role, VERSION};
use askama::Template;

/// The layout.
#[derive(Template)]
#[template(path = "layout.html")]
pub struct Layout<'a> {
    title: &'a str,
    body: &'a str,
    node: String,
    version: &'static str,
    navigation: &'static [NavigationItem],
    /// The path that was asked.
    path: &'a str,
    csrf: &'a str,
    style: String,
    scripts: Vec<String>,
    icon: String,
    who: Option<&'a str>,
    role: &'static str,
    is_signed_in: bool,
    may_sign_in: bool,
    is_kept_reading: bool,
    /// True when the page may follow the events of the node.
    is_live: bool,
}

/// What every page has.
const SCRIPTS: [&str; 2] = ["htmx.min.js", "console.js"];

impl<'a> Layout<'a> {
    /// Puts the layout around a content.
    #[must_use]
    pub fn new(node: &Node, visitor: &'a Visitor, path: &'a str, content: &'a PageContent) -> Self {
        let rights = visitor.rights.as_ref();
        Self {
            title: &content.title,
            body: &content.body,
            node: node_name::shown(node),
            version: VERSION,
            navigation: &NAVIGATION,
            path,
            csrf: &visitor.csrf,
            style: assets::url("console.css"),
            scripts: SCRIPTS.iter().chain(content.scripts).map(|name| assets::url(name)).collect(),
            icon: assets::url("icon.svg"),
            who: rights.and_then(|rights| rights.user.as_deref()),
            role: rights.map_or("not signed in", |rights| role_name(rights.role)),
            is_signed_in: visitor.session.is_some(),
            may_sign_in: visitor.may_sign_in,
            is_kept_reading: visitor.is_kept_reading,
            is_live: rights.is_some(),
        }
    }

    /// Tells whether an item of the navigation leads to the page that is shown.
    fn is_current(&self, item: &NavigationItem) -> bool {
        let below = self.path.strip_prefix(item.path);
        let is_whole = item.path == "/console";
        below.is_some_and(|below| below.is_empty() || (!is_whole && below.starts_with('/')))
    }
}

/// Returns what a role may do, in the words of the tokens.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Read => "read",
        Role::Publish => "publish",
        Role::Admin | Role::Local => "admin",
    }
}
