//! Policies that lay attributes over others (reference/ledger 5.3).

use crate::Policy;

/// Type of a policy that lays attributes over others.
const OVERLAY: &str = "anmp";

/// Returns the ids of the policies over which a policy lays attributes; none for other types.
pub fn overlaid(policy: &Policy) -> impl Iterator<Item = &str> {
    let body = (policy.kind() == OVERLAY).then(|| policy.body());
    let attributes = body.into_iter().flatten();
    attributes.filter(|(_, attributes)| attributes.is_object()).map(|(id, _)| id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_overlays_lie_over_policies() {
        let over = |text: &str| overlaid(&Policy::parse(text).unwrap()).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(over(r#"{"anmp": {"a": {"ip": "x"}, "b": {}, "id": "c", "date": "d"}}"#), ["a", "b"]);
        assert!(over(r#"{"device": {"a": {"ip": "x"}}}"#).is_empty());
    }
}
