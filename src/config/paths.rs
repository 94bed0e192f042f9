//! Directories and files.

use crate::config::group::group;
use std::path::PathBuf;

group! {
    /// Directories and files of the node.
    pub struct Paths {
        /// Root of everything the node writes (`EdgeLake/blockchain`, `EdgeLake/data` under it); `run --embedded` takes `./anylog-data`.
        anylog_path: PathBuf = ANYLOG_PATH | EDGELAKE_PATH ["/app"],
        /// Directory of deployment scripts; not set: `deployment-scripts` under ANYLOG_PATH.
        local_scripts: Option<PathBuf> = LOCAL_SCRIPTS[""],
        /// Directory of test scripts; not set: `test` under LOCAL_SCRIPTS.
        test_dir: Option<PathBuf> = TEST_DIR[""],
    }
}
