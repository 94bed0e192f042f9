//! One figure as monitoring knows it, and the page that the figures are written on.

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, text},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::{Metric, Registry},
};

/// Names and values of one row.
pub type Labels = Vec<(&'static str, String)>;

/// What a figure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// It goes up and down.
    Gauge,
    /// It only grows, and begins anew with the process.
    Counter,
    /// It tells how many of the observed values are below which bounds.
    Histogram,
}

impl FigureKind {
    /// Returns the word of the text format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// What is known of a figure whatever its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its whole name, without the `_total` of counters.
    name: &'static str,
    /// What it does.
    pub kind: FigureKind,
    /// The names of its labels; each has a short list of values.
    pub labels: &'static [&'static str],
    /// What it tells, without a full stop.
    pub help: &'static str,
}

impl Figure {
    /// Describes a gauge.
    pub const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self { name, kind: FigureKind::Gauge, labels, help }
    }

    /// Describes a counter.
    pub const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self { name, kind: FigureKind::Counter, labels, help }
    }

    /// Describes a histogram.
    pub const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self { name, kind: FigureKind::Histogram, labels, help }
    }

    /// Returns the name that queries use.
    #[must_use]
    pub fn name(&self) -> String {
        let suffix = if self.kind == FigureKind::Counter { "_total" } else { "" };
        format!("{}{suffix}", self.name)
    }
}

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Whole(u64),
    /// Seconds or a share.
    Real(f64),
}

impl Value {
    fn encode(self, kind: FigureKind, encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        match (kind, self) {
            (FigureKind::Counter, Self::Whole(value)) => ConstCounter::new(value).encode(encoder),
            (FigureKind::Counter, Self::Real(value)) => ConstCounter::new(value).encode(encoder),
            (_, Self::Whole(value)) => ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(encoder),
            (_, Self::Real(value)) => ConstGauge::new(value).encode(encoder),
        }
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Whole(value as u64)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Whole(u64::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

/// The page of one moment.
#[derive(Debug, Default)]
pub struct MetricsPage {
    registry: Registry,
}

impl MetricsPage {
    /// Writes a figure without labels.
    pub fn write(&mut self, figure: &Figure, value: impl Into<Value>) {
        self.rows(figure, [(Labels::new(), value.into())]);
    }

    /// Writes a figure with one label, a row for each of its values.
    pub fn by<V: Into<Value>>(&mut self, figure: &Figure, rows: impl IntoIterator<Item = (&'static str, V)>) {
        let label = figure.labels.first().copied().unwrap_or_default();
        self.rows(figure, rows.into_iter().map(|(name, value)| (vec![(label, name.to_owned())], value.into())));
    }

    /// Writes a figure with labels.
    pub fn rows(&mut self, figure: &Figure, rows: impl IntoIterator<Item = (Labels, Value)>) {
        let rows = FigureRows { kind: figure.kind, rows: rows.into_iter().collect() };
        self.registry.register(figure.name, figure.help, rows);
    }

    /// Writes what a room counts by itself.
    pub fn kept(&mut self, figure: &Figure, metric: impl Metric) {
        self.registry.register(figure.name, figure.help, metric);
    }

    /// Returns the page in the OpenMetrics text format.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Rows of one figure, taken when the page is written.
#[derive(Debug)]
struct FigureRows {
    kind: FigureKind,
    rows: Vec<(Labels, Value)>,
}

impl EncodeMetric for FigureRows {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (labels, value) in &self.rows {
            if labels.is_empty() {
                return value.encode(self.kind, encoder);
            }
            value.encode(self.kind, encoder.encode_family(labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        match self.kind {
            FigureKind::Gauge => MetricType::Gauge,
            FigureKind::Counter => MetricType::Counter,
            FigureKind::Histogram => MetricType::Histogram,
        }
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
