//! One request for a page, on its way to its handler.

use super::{form::PageForm, shared::ConsoleShared, visitor::Visitor};
use crate::{
    command::{
        Access,
        access::{self, Permission},
    },
    node::{Node, Session},
    rest::{AppState, execute::CommandContext, request::RequestHead},
};
use std::sync::Arc;

/// A request whose caller, path and fields are known.
pub struct ConsoleRequest<'a> {
    /// The state of the server.
    pub state: &'a Arc<AppState>,
    /// The state of the console.
    pub shared: &'a ConsoleShared,
    /// The head of the request.
    pub head: &'a RequestHead,
    /// Who asks.
    pub visitor: &'a Visitor,
    /// What the commands of the request share, with the rights of who asks.
    pub context: CommandContext<'a>,
    /// The session of its commands.
    pub session: Session,
    /// The part of the path that stands for `{id}`, decoded; empty when there is none.
    pub id: String,
    /// The fields of the URL.
    pub query: PageForm,
    /// The fields of the form; none with GET.
    pub form: PageForm,
}

impl<'a> ConsoleRequest<'a> {
    /// Returns the node.
    #[must_use]
    pub fn node(&self) -> &'a Arc<Node> {
        self.context.node
    }

    /// Tells whether htmx asks for a part of a page.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        is_partial(self.head)
    }

    /// Tells whether who asks may reach something: what a page offers hangs on it, what is done is checked again.
    #[must_use]
    pub fn may(&self, access: Access) -> bool {
        access::permission(self.session.door(), access) != Permission::No
    }

    /// Returns the token that forms carry in the field `csrf`.
    #[must_use]
    pub fn csrf(&self) -> &'a str {
        &self.visitor.csrf
    }
}

/// Tells whether htmx asks for a part of a page; going back in the history asks for all of it.
#[must_use]
pub fn is_partial(head: &RequestHead) -> bool {
    head.headers.contains_key("hx-request") && !head.headers.contains_key("hx-history-restore-request")
}
