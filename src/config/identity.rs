//! Who the node is.

use crate::config::{NodeType, group::group};
use secrecy::SecretString;

group! {
    /// Who the node is: its names in the network and where it stands.
    pub struct Identity {
        /// Kind of node; this program is a master.
        node_type: NodeType = NODE_TYPE["master"],
        /// Name in policies and at the prompt; not set: the host's name, a blank, and the kind of node.
        node_name: Option<String> = NODE_NAME[""],
        /// Company that owns the node.
        company_name: String = COMPANY_NAME["New Company"],
        /// Name of the configuration policy that deployment scripts publish.
        config_name: Option<String> = CONFIG_NAME[""],
        /// True: no policy of this node is published.
        is_hidden: bool = IS_HIDDEN["false"],
        /// Coordinates in the policy: latitude, longitude.
        location: String = LOCATION["0.0, 0.0"],
        /// Country in the policy.
        country: String = COUNTRY["Unknown"],
        /// State in the policy.
        state: String = STATE["Unknown"],
        /// City in the policy.
        city: String = CITY["Unknown"],
        /// Branch of the company; kept for scripts.
        branch: Option<String> = BRANCH[""],
        /// Department of the company; kept for scripts.
        dept: Option<String> = DEPT[""],
        /// Licence of the commercial product; not needed, accepted so that existing files work.
        license_key: Option<SecretString> = LICENSE_KEY[""],
    }
}
