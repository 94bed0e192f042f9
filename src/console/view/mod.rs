//! The views: one table of what is at which path, like `/v1` has one. A view is a file with its handlers, a template beside, and
//! its lines here; what it says in the navigation is one line more.

mod commands;
mod live;
mod network;
mod node;
mod overview;
mod policies;
mod sign_in;
mod static_files;

use super::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest};
use crate::{
    command::{Access, BACKUP_LEDGER},
    runtime::limits,
};
use futures_util::future::BoxFuture;
use hyper::{
    Method, StatusCode,
    header::{self, HeaderValue},
};

/// What answers a request.
pub type Handler = for<'a> fn(ConsoleRequest<'a>) -> BoxFuture<'a, Result<PageAnswer, ConsoleError>>;

/// How a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewMethod {
    /// To see something; HEAD asks for what GET does.
    Get,
    /// To do something.
    Post,
}

/// One line of the table.
pub struct ViewRoute {
    /// How it is asked for.
    pub method: ViewMethod,
    /// The path; `{id}` stands for one part of it.
    pub path: &'static str,
    /// What who asks has to be allowed to reach; nothing where everybody may look, also before signing in. A handler that
    /// changes something has its rights checked once more where the change is made.
    pub access: Option<Access>,
    /// Bytes of the form that is read at most; none with GET.
    pub form: usize,
    /// True when asking for it shows that a person is at work, so that the session goes on.
    pub is_use: bool,
    /// The handler.
    pub handler: Handler,
}

/// An item of the navigation.
pub struct NavigationItem {
    /// Where it leads.
    pub path: &'static str,
    /// What it says.
    pub label: &'static str,
}

/// The navigation of every page.
pub const NAVIGATION: [NavigationItem; 5] = [
    NavigationItem { path: "/console", label: "Overview" },
    NavigationItem { path: "/console/network", label: "Network" },
    NavigationItem { path: "/console/policies", label: "Policies" },
    NavigationItem { path: "/console/commands", label: "Commands" },
    NavigationItem { path: "/console/node", label: "Node" },
];

/// Shows something.
const fn shows(path: &'static str, access: Access, handler: Handler) -> ViewRoute {
    ViewRoute { method: ViewMethod::Get, path, access: Some(access), form: 0, is_use: true, handler }
}

/// Does something, with a form of a usual size.
const fn does(path: &'static str, access: Access, handler: Handler) -> ViewRoute {
    ViewRoute { method: ViewMethod::Post, form: limits::CONSOLE_FORM, ..shows(path, access, handler) }
}

/// Does something, with a form that holds policies.
const fn writes(path: &'static str, access: Access, handler: Handler) -> ViewRoute {
    ViewRoute { form: limits::REST_BODY, ..does(path, access, handler) }
}

/// What policies are read with.
const LIST: Access = Access::ReadLedger;
/// What policies are changed with; whose they are is looked at where the change is made.
const CHANGE: Access = Access::ChangeOwnPolicies;

/// Is there for everybody, also before signing in.
const fn open(method: ViewMethod, path: &'static str, handler: Handler) -> ViewRoute {
    let form = match method {
        ViewMethod::Get => 0,
        ViewMethod::Post => limits::CONSOLE_FORM,
    };
    ViewRoute { method, form, access: None, ..shows(path, Access::ReadNode, handler) }
}

/// The table.
pub const ROUTES: &[ViewRoute] = &[
    shows("/console", Access::ReadNode, |request| Box::pin(overview::show(request))),
    shows("/console/activity", Access::ReadLedger, |request| Box::pin(overview::activity(request))),
    shows("/console/network", Access::ReadInside, |request| Box::pin(network::show(request))),
    // It asks other nodes: a picture on a page of somebody else must not have it done.
    does("/console/network/test", Access::AskNodes, |request| Box::pin(network::test(request))),
    ViewRoute {
        is_use: false,
        ..shows("/console/events", Access::ReadNode, |request| Box::pin(live::events(request)))
    },
    ViewRoute { is_use: false, ..shows("/console/alive", Access::ReadNode, |request| Box::pin(live::alive(request))) },
    shows("/console/policies", LIST, |request| Box::pin(policies::show(request))),
    shows("/console/policies/one", LIST, |request| Box::pin(policies::show_one(request))),
    shows("/console/policies/raw", LIST, |request| Box::pin(policies::raw(request))),
    shows("/console/policies/relations", LIST, |request| Box::pin(policies::show_relations(request))),
    shows("/console/policies/relations-of-all", LIST, |request| Box::pin(policies::show_all_relations(request))),
    shows("/console/policies/history", LIST, |request| Box::pin(policies::show_history(request))),
    shows("/console/policies/export", LIST, |request| Box::pin(policies::export(request))),
    shows("/console/policies/new", Access::Publish, |request| Box::pin(policies::new_form(request))),
    writes("/console/policies/new", Access::Publish, |request| Box::pin(policies::preview_add(request))),
    writes("/console/policies/add", Access::Publish, |request| Box::pin(policies::add(request))),
    shows("/console/policies/edit", CHANGE, |request| Box::pin(policies::edit_form(request))),
    writes("/console/policies/edit", CHANGE, |request| Box::pin(policies::preview_replace(request))),
    writes("/console/policies/replace", CHANGE, |request| Box::pin(policies::replace(request))),
    shows("/console/policies/drop", CHANGE, |request| Box::pin(policies::preview_drop(request))),
    does("/console/policies/drop", CHANGE, |request| Box::pin(policies::drop_policy(request))),
    shows("/console/policies/import", CHANGE, |request| Box::pin(policies::import_form(request))),
    writes("/console/policies/import", CHANGE, |request| Box::pin(policies::preview_import(request))),
    writes("/console/policies/apply", CHANGE, |request| Box::pin(policies::apply(request))),
    shows("/console/policies/{id}", LIST, |request| Box::pin(policies::lead_to_one(request))),
    shows("/console/commands", Access::ReadNode, |request| Box::pin(commands::show(request))),
    does("/console/commands", Access::ReadNode, |request| Box::pin(commands::run_typed(request))),
    does("/console/commands/suggest", Access::ReadNode, |request| Box::pin(commands::suggest(request))),
    does("/console/commands/download", Access::ReadNode, |request| Box::pin(commands::download(request))),
    shows("/console/node", Access::ReadInside, |request| Box::pin(node::show(request))),
    ViewRoute {
        is_use: false,
        ..shows("/console/node/figures", Access::ReadInside, |request| Box::pin(node::figures_now(request)))
    },
    ViewRoute {
        is_use: false,
        ..shows("/console/node/log/stream", Access::ReadInside, |request| Box::pin(node::follow(request)))
    },
    does("/console/node/backup", BACKUP_LEDGER.access, |request| Box::pin(node::download(request))),
    open(ViewMethod::Get, "/console/sign-in", |request| Box::pin(sign_in::show(request))),
    open(ViewMethod::Post, "/console/sign-in", |request| Box::pin(sign_in::sign_in(request))),
    open(ViewMethod::Post, "/console/sign-out", |request| Box::pin(sign_in::sign_out(request))),
    open(ViewMethod::Get, "/console/assets/{id}", |request| Box::pin(static_files::file(request))),
];

impl ViewMethod {
    /// Returns the method that a request has.
    #[must_use]
    pub fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Get),
            Method::POST => Some(Self::Post),
            _ => None,
        }
    }
}

impl ViewRoute {
    /// Finds the part of a path that stands for `{id}`, still encoded; an empty text when the route has no such part, and nothing
    /// when the path is another one.
    #[must_use]
    pub fn matches<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, behind)) = self.path.split_once("{id}") else {
            return (self.path == path).then_some("");
        };
        let id = path.strip_prefix(before)?.strip_suffix(behind)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

/// Finds the route of a request, and the part of its path that stands for an id.
///
/// # Errors
/// Nothing is at the path, or it takes another method. Of two routes for one path the first counts.
pub fn find<'a>(method: &Method, path: &'a str) -> Result<(&'static ViewRoute, &'a str), ConsoleError> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let at_path: Vec<_> = ROUTES.iter().filter_map(|one| Some((one, one.matches(path)?))).collect();
    if at_path.is_empty() {
        return Err(ConsoleError::not_found("nothing of the console is at this path"));
    }
    let asked = ViewMethod::of(method);
    let found = at_path.iter().find(|(one, _)| Some(one.method) == asked);
    found.copied().ok_or_else(|| wrong_method(|method| at_path.iter().any(|(one, _)| one.method == method)))
}

/// Says by which methods a path is asked for.
fn wrong_method(takes: impl Fn(ViewMethod) -> bool) -> ConsoleError {
    let detail = "the path is asked for in another way: go back, and use the link or the form of the page";
    let allowed = match (takes(ViewMethod::Get), takes(ViewMethod::Post)) {
        (true, true) => "GET, HEAD, POST",
        (true, false) => "GET, HEAD",
        (false, _) => "POST",
    };
    ConsoleError::new(StatusCode::METHOD_NOT_ALLOWED, "The path takes another method", detail)
        .with(header::ALLOW, HeaderValue::from_static(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_view() {
        for (method, path, found, id) in [
            (Method::GET, "/console", "/console", ""),
            (Method::GET, "/console/", "/console", ""),
            (Method::HEAD, "/console/network", "/console/network", ""),
            (Method::GET, "/console/assets/console.css", "/console/assets/{id}", "console.css"),
            (Method::POST, "/console/sign-out", "/console/sign-out", ""),
        ] {
            let (route, part) = find(&method, path).unwrap();
            assert_eq!((route.path, part), (found, id));
        }
        let status = |method: Method, path: &str| find(&method, path).err().unwrap().status();
        assert_eq!(status(Method::GET, "/console/nothing"), StatusCode::NOT_FOUND);
        assert_eq!(status(Method::GET, "/console/assets/a/b"), StatusCode::NOT_FOUND);
        assert_eq!(status(Method::POST, "/console"), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(status(Method::DELETE, "/console"), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn every_line_of_the_table_has_a_place_of_its_own() {
        for (at, one) in ROUTES.iter().enumerate() {
            assert!(one.path == "/console" || one.path.starts_with("/console/"), "{}", one.path);
            assert_eq!(one.form > 0, one.method == ViewMethod::Post, "{}: only forms are sent", one.path);
            let again = ROUTES[..at].iter().any(|other| (other.method, other.path) == (one.method, one.path));
            assert!(!again, "{}", one.path);
        }
        for item in NAVIGATION {
            assert!(find(&Method::GET, item.path).is_ok(), "{}", item.path);
        }
    }

    #[test]
    fn what_is_open_shows_nothing_of_the_node() {
        let open: Vec<&str> = ROUTES.iter().filter(|route| route.access.is_none()).map(|route| route.path).collect();
        let known = ["/console/sign-in", "/console/sign-in", "/console/sign-out", "/console/assets/{id}"];
        assert_eq!(open, known);
    }
}
