//! The text behind an address: `EXTERNAL_IP_URL` and `rest get`.

use crate::runtime::http_client::{HttpClient, public_authorities};
use http_body_util::Full;
use hyper::{Request, Uri, header};

/// Any error, for callers that only tell its text.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Returns the text behind an address; `headers` are sent with the request. The caller limits the time.
///
/// # Errors
/// When nobody answers, the status is no success, or the body is longer than `limit` bytes or no UTF-8.
pub async fn fetch(url: &str, headers: &[(String, String)], limit: usize) -> Result<String, BoxError> {
    let url: Uri = url.parse()?;
    url.host().ok_or("the URL has no host")?;
    let mut request = Request::get(url).header(header::USER_AGENT, "curl/8");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let client = HttpClient::new(public_authorities()?, None, limit);
    let response = client.send(request.body(Full::default())?).await?;
    let status = response.status();
    if status.is_success() {
        Ok(String::from_utf8(response.into_body().into())?)
    } else {
        Err(status.to_string().into())
    }
}
