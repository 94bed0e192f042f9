//! What a handler answers with.

use super::page_error::ConsoleError;
use askama::Template;
use bytes::Bytes;
use hyper::StatusCode;
use warp::reply::Response;

/// A page's content; the layout is put around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageContent {
    /// What stands in the title of the window.
    pub title: String,
    /// The content as markup, made by a template.
    pub body: String,
    /// The status of the answer.
    pub status: StatusCode,
    /// Names of scripts of this page, beside those of all pages.
    pub scripts: &'static [&'static str],
}

/// The answer of a handler.
#[derive(Debug)]
pub enum PageAnswer {
    /// A page within the layout.
    Page(PageContent),
    /// A part of a page, for htmx.
    Partial(String),
    /// A file that the browser saves.
    Download {
        /// Its name.
        name: String,
        /// Its type of content.
        kind: &'static str,
        /// Its bytes.
        body: Bytes,
    },
    /// Another page of the console, to be asked for with GET.
    Redirect(String),
    /// An answer that was written already: a stream, an asset.
    Written(Response),
}

impl PageAnswer {
    /// Makes a page of a template with its content.
    ///
    /// # Errors
    /// The template fails.
    pub fn page(title: impl Into<String>, template: &impl Template) -> Result<Self, ConsoleError> {
        Ok(Self::Page(PageContent {
            title: title.into(),
            body: template.render()?,
            status: StatusCode::OK,
            scripts: &[],
        }))
    }

    /// Makes a part of a page of a template.
    ///
    /// # Errors
    /// The template fails.
    pub fn partial(template: &impl Template) -> Result<Self, ConsoleError> {
        Ok(Self::Partial(template.render()?))
    }

    /// Adds scripts to a page; anything else stays as it is.
    #[must_use]
    pub fn with_scripts(mut self, scripts: &'static [&'static str]) -> Self {
        if let Self::Page(content) = &mut self {
            content.scripts = scripts;
        }
        self
    }
}
