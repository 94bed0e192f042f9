//! What the fuzz targets reach of this room: bodies, URLs, cursors and conditions as they come from callers.

use crate::{
    api::{
        cursor,
        documents::{AskDocument, RunDocument},
        entity_tags::Tags,
        json_body,
        operations::OPERATIONS,
        policies,
        query_items::QueryItems,
    },
    policy::json,
};
use hyper::{
    HeaderMap,
    header::{HeaderValue, IF_MATCH},
};

/// Reads a body as each operation that takes one does.
pub fn body(bytes: &[u8]) {
    let _ = json_body::read::<AskDocument>(bytes);
    let _ = json_body::read::<RunDocument>(bytes);
    let read = json_body::policies(bytes);
    let as_command = std::str::from_utf8(bytes).ok().and_then(|text| json::parse(text).ok());
    assert_eq!(read.as_ref().ok(), as_command.as_ref(), "documents are read as commands read policies");
    let _ = read.and_then(policies::read_policies);
}

/// Reads the parameters of a URL as each operation does, and as a cursor.
pub fn query(text: &str) {
    for operation in OPERATIONS {
        let _ = QueryItems::read(text, operation);
        let _ = operation.matches(text);
    }
    let _ = cursor::read(text, "question");
}

/// Reads the condition of a header line.
pub fn condition(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let headers: HeaderMap = [(IF_MATCH, value)].into_iter().collect();
    let _ = Tags::read(&headers, &IF_MATCH);
}
