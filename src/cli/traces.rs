//! Where traces go: `OTEL_EXPORTER_OTLP_ENDPOINT`, in a build with the feature `otlp`.

#[cfg(feature = "otlp")]
pub use exporting::start;

/// Says that this build has no traces, when somebody wants them.
#[cfg(not(feature = "otlp"))]
pub fn start(config: &crate::config::Config) -> Traces {
    if config.tracing.otel_exporter_otlp_endpoint.is_some() {
        tracing::warn!(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and this program was built without traces: build it with --features otlp"
        );
    }
    Traces
}

/// Nothing to end.
#[cfg(not(feature = "otlp"))]
pub struct Traces;

#[cfg(not(feature = "otlp"))]
impl Traces {
    /// Sends nothing.
    pub fn end(self) {}
}

#[cfg(feature = "otlp")]
mod exporting {
    use crate::{
        config::{Config, without_passwords},
        runtime::http_client::{HttpClient, HttpError, public_authorities},
        telemetry,
    };
    use async_trait::async_trait;
    use http_body_util::Full;
    use hyper::{Request, Response, body::Bytes};
    use opentelemetry_http::HttpError as ExportError;
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
    use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
    use secrecy::ExposeSecret;
    use std::{collections::HashMap, time::Duration};

    /// Time that a collector gets to take a batch, and the last batch when the program ends.
    const PATIENCE: Duration = Duration::from_secs(2);
    /// Most bytes of its answer.
    const ANSWER: usize = 64 << 10;

    /// Sends the spans of this process until it ends.
    pub struct Traces(Option<SdkTracerProvider>);

    /// Begins to send spans when the configuration names a collector. What is wrong with it ends no start.
    pub fn start(config: &Config) -> Traces {
        let Some(endpoint) = &config.tracing.otel_exporter_otlp_endpoint else { return Traces(None) };
        let shown = without_passwords(endpoint.as_str());
        match provider(config, endpoint.as_str()) {
            Ok(provider) => {
                telemetry::otlp::send_to(&provider);
                tracing::info!(endpoint = &*shown, "traces are sent");
                Traces(Some(provider))
            }
            Err(error) => {
                tracing::error!("no traces are sent to {shown}: {error}");
                Traces(None)
            }
        }
    }

    impl Traces {
        /// Sends what is left.
        pub fn end(self) {
            if let Some(provider) = self.0
                && let Err(error) = provider.shutdown_with_timeout(PATIENCE)
            {
                tracing::warn!("the last traces were not taken: {error}");
            }
        }
    }

    fn provider(config: &Config, endpoint: &str) -> Result<SdkTracerProvider, Box<dyn std::error::Error>> {
        let client = Client(HttpClient::new(public_authorities()?, Some(PATIENCE), ANSWER));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .with_headers(headers(config))
            .build()?;
        let name = config.tracing.otel_service_name.clone();
        let resource = Resource::builder().with_service_name(name).build();
        Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
    }

    /// Reads `name=value` with commas between them.
    fn headers(config: &Config) -> HashMap<String, String> {
        let text = config.tracing.otel_exporter_otlp_headers.as_ref().map(|text| text.expose_secret().to_owned());
        let text = text.unwrap_or_default();
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    }

    /// The HTTP client of the program, on the thread that sends batches, which has no runtime of its own.
    #[derive(Debug)]
    struct Client(HttpClient);

    #[async_trait]
    impl opentelemetry_http::HttpClient for Client {
        async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ExportError> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let request = request.map(Full::new);
            let late = || HttpError::Response("it took too long".to_owned());
            let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, self.0.send(request)).await });
            Ok(answer.unwrap_or_else(|_| Err(late()))?)
        }
    }
}
