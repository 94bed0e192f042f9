//! The result codes of the network and their texts (reference/command-language 11).

/// A result code: 0 is success, 1 to 999 are errors, 1000 and above steer scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl Code {
    /// Returns the text that members and clients know; an empty text for a number that has none.
    #[must_use]
    pub fn text(self) -> &'static str {
        TEXTS
            .binary_search_by_key(&self.0, |(number, _)| *number)
            .ok()
            .and_then(|at| TEXTS.get(at))
            .map_or("", |(_, text)| text)
    }
    /// Unrecognized Command.
    ///
    /// Another node sent a command that has no name here. Nothing is to be done at the master; the sender's program
    /// may be newer than it.
    pub const UNRECOGNIZED: Self = Self(1);
    /// Error Command Structure.
    ///
    /// The words of a command are not in the form it has: the detail says which. `help COMMAND` shows the form.
    pub const STRUCTURE: Self = Self(2);
    /// Error Process Failure.
    ///
    /// What was asked was understood and could not be done; the detail says why, and what to do about it.
    pub const PROCESS_FAILURE: Self = Self(3);
    /// Wrong DBMS Name or DBMS not connected.
    ///
    /// The database that `sql` names is not one of this node. `get databases` lists those that are; rows of tables
    /// are with operators.
    pub const WRONG_DBMS: Self = Self(5);
    /// Error in JSON Structure.
    ///
    /// A text that has to be JSON is none. The detail names the place.
    pub const JSON: Self = Self(6);
    /// Error in Data Structure.
    ///
    /// A value has another form than the command needs, for example a key that is not in the JSON.
    pub const DATA_STRUCTURE: Self = Self(7);
    /// DBMS not open.
    ///
    /// Questions to the whole network are put together in a database that a master does not have: ask a query node,
    /// or the operator itself.
    pub const DBMS_NOT_OPEN: Self = Self(10);
    /// Error missing brackets.
    ///
    /// A bracket is opened and not closed, or the other way round. A policy in a line of a script is written between
    /// `<` and `>`.
    pub const BRACKETS: Self = Self(11);
    /// File does not exists.
    ///
    /// The file is not there, or not for this node to read. Paths are those of the node, in a container those of its
    /// volumes.
    pub const NO_FILE: Self = Self(12);
    /// Network Error.
    ///
    /// Another node could not be sent a message, or what it sent is no message of a node; the detail says which.
    /// `test connection HOST:PORT` tries the way.
    pub const NETWORK: Self = Self(15);
    /// SQL Failure.
    ///
    /// The database refused or ended the statement; the detail has its words. Only SELECT is offered, within limits
    /// of time and rows.
    pub const SQL_FAILURE: Self = Self(16);
    /// Blockchain not recognized.
    ///
    /// No platform of this name is connected: `get platforms` lists those that are.
    pub const BLOCKCHAIN_UNKNOWN: Self = Self(19);
    /// IP and Port of destination servers are not properly provided.
    ///
    /// The address of the node that was to be asked is none, or cannot be found. Write `IP:PORT` or `NAME:PORT`.
    pub const DESTINATION: Self = Self(20);
    /// IP and Port of source server are not properly provided or accessible.
    ///
    /// This node has no address at which others could answer it: its TCP server does not run (`get processes`), or
    /// cannot listen at the address it was given.
    pub const SOURCE_ADDRESS: Self = Self(21);
    /// Time Out.
    ///
    /// Another node did not answer in time. It may be down, or what it answers does not come in here: `test network`,
    /// [A node does not join](operations.md#a-node-does-not-join).
    pub const TIME_OUT: Self = Self(26);
    /// No metadata info.
    ///
    /// The ledger has no policy of what was asked for: of the table, or of any node. `blockchain get table` shows
    /// what there is.
    pub const NO_METADATA: Self = Self(29);
    /// Blockchain operation failed.
    ///
    /// The ledger did not take the change, for the reason in the detail: its database is away, a sender reached a
    /// limit, or the change is not the sender's to make. `get health` tells about the database; another try helps
    /// when it is back.
    pub const BLOCKCHAIN_FAILED: Self = Self(30);
    /// Python call failed.
    ///
    /// An expression could not be computed: a value is of another kind than the function takes.
    pub const PYTHON_FAILED: Self = Self(34);
    /// Error in command parameters.
    ///
    /// A parameter of the command is missing, or its value is none that it can have.
    pub const PARAMETERS: Self = Self(40);
    /// DBMS is not open or table not declared.
    ///
    /// The ledger has no table yet: `create table ledger where dbms = blockchain`.
    pub const NOT_DECLARED: Self = Self(42);
    /// Failed to load table metadata from blockchain.
    ///
    /// The table that a question to the whole network names is not in the ledger.
    pub const TABLE_METADATA: Self = Self(45);
    /// Failed to parse SQL statement.
    ///
    /// The statement is no SQL that this node reads.
    pub const SQL_PARSE: Self = Self(46);
    /// DBMS connection error.
    ///
    /// The name is connected already, to a database of another kind: `disconnect dbms NAME` first.
    pub const DBMS_CONNECTION: Self = Self(49);
    /// DBMS not connected.
    ///
    /// The database is not connected, or cannot be: the detail has the words of its server and what mends it.
    /// [PostgreSQL](operations.md#postgresql).
    pub const DBMS_NOT_CONNECTED: Self = Self(50);
    /// REST call error.
    ///
    /// The address that `rest get` or `rest post` asked did not answer, or may not be asked: `URL_ALLOW` names those
    /// that may.
    pub const REST_CALL: Self = Self(51);
    /// Argument mismatch in a script.
    ///
    /// The script was started with another number of arguments than it has.
    pub const ARGUMENTS: Self = Self(55);
    /// Error in script without 'on error' instruction.
    ///
    /// A command of a script failed and nothing says how to go on. The detail has the line; `on error …` before it
    /// says what to do.
    pub const NO_ON_ERROR: Self = Self(56);
    /// The thread is not executing a script.
    ///
    /// `set debug` is for scripts alone: it changes how the script goes on that it stands in.
    pub const NOT_IN_SCRIPT: Self = Self(57);
    /// No local blockchain file.
    ///
    /// There is no local copy of the ledger: `get !blockchain_file` is where it should be. `blockchain pull to json`
    /// makes it.
    pub const NO_LOCAL_FILE: Self = Self(58);
    /// Empty local blockchain file.
    ///
    /// The copy, or the file that was to become it, has no policy, so nothing was replaced by it.
    pub const EMPTY_LOCAL_FILE: Self = Self(59);
    /// System call terminated or failed.
    ///
    /// The program that `system` started failed; the detail has what it said.
    pub const SYSTEM_CALL: Self = Self(61);
    /// Directory is not writeable.
    ///
    /// The directory cannot be written by the user of the node. The start names such paths with the command that
    /// mends them.
    pub const DIRECTORY_NOT_WRITEABLE: Self = Self(63);
    /// Missing file name.
    ///
    /// A member asked for the ledger without the name of a file.
    pub const MISSING_FILE_NAME: Self = Self(64);
    /// Failed to pull blockchain from local dbms.
    ///
    /// The ledger is not handed out: it is not loaded yet, its database is away, or it lost most of its policies and
    /// waits for `blockchain confirm export`. Members keep the copy they have.
    pub const PULL_FAILED: Self = Self(68);
    /// Wrong blockchain structure.
    ///
    /// What came as a ledger is none, or the local copy has a line that is no policy; the detail has the line.
    pub const WRONG_BLOCKCHAIN: Self = Self(69);
    /// Duplicate blockchain object id.
    ///
    /// A policy with this id is in the ledger already. `blockchain get * where id = ID` shows it; to change it use
    /// `blockchain replace policy`.
    pub const DUPLICATE_ID: Self = Self(70);
    /// Failed to rename file.
    ///
    /// The file that was to become the local copy is not there or cannot be read, and there is none before it; the
    /// detail has the path.
    pub const RENAME_FAILED: Self = Self(72);
    /// Query processing time above limit.
    ///
    /// The question took longer than `QUERY_TIME`, or asked for more steps than are allowed. Name a type and a
    /// condition.
    pub const QUERY_TIME: Self = Self(76);
    /// Query data volume above limit.
    ///
    /// The answer or what it is made of is larger than `QUERY_ROWS` or `QUERY_BYTES`. Name a type and a condition.
    pub const QUERY_VOLUME: Self = Self(77);
    /// Wrong Path.
    ///
    /// There is no such path on this machine.
    pub const PATH: Self = Self(78);
    /// Connection Error.
    ///
    /// The port or the address cannot be listened on: another program has it, or this machine has not the address.
    /// The detail says which.
    pub const CONNECTION: Self = Self(81);
    /// Wrong policy structure.
    ///
    /// The policy is not in the form that policies have: one type with attributes, and an id. The detail names the
    /// part.
    pub const POLICY_STRUCTURE: Self = Self(87);
    /// DBMS error: delete row failed - wrong key.
    ///
    /// No policy of the ledger has this id, or none was published from this host. It may be one of the local copy
    /// alone.
    pub const DELETE_KEY: Self = Self(101);
    /// Wrong DBMS type.
    ///
    /// The kind of database is not offered: `sqlite` and `psql` are.
    pub const DBMS_TYPE: Self = Self(104);
    /// Only subset of policies deleted.
    ///
    /// Of several policies some are dropped and others were not there; the detail names these.
    pub const SUBSET_DELETED: Self = Self(107);
    /// Missing script file.
    ///
    /// The script is not there. Where another one has nearly its name, the detail says so.
    pub const MISSING_SCRIPT: Self = Self(112);
    /// Needed Policy is not available.
    ///
    /// Something refers to a policy that is not in the ledger, or no change with this number is in the history.
    pub const POLICY_NOT_AVAILABLE: Self = Self(113);
    /// Missing parent policy.
    ///
    /// The policy names a parent that is not in the ledger, or another one than its cluster has: publish the parent
    /// first.
    pub const MISSING_PARENT: Self = Self(118);
    /// Local table not declared in blockchain.
    ///
    /// The table is not in the ledger of this network.
    pub const TABLE_NOT_DECLARED: Self = Self(132);
    /// Process already active.
    ///
    /// The service runs already: `get processes` shows where. `exit NAME` ends it.
    pub const ALREADY_ACTIVE: Self = Self(136);
    /// Uninitialized variable.
    ///
    /// The name of the file in `blockchain pull` is a variable without a value: `get dictionary` lists those that
    /// have one.
    pub const UNINITIALIZED_VARIABLE: Self = Self(138);
    /// Unrecognized Command.
    ///
    /// The words name no command. The detail says which is near; `help` lists all.
    pub const UNRECOGNIZED_COMMAND: Self = Self(141);
    /// None unique IP:Port in policy.
    ///
    /// Another operator has the same address and port. Two nodes of one address need ports of their own; a node that
    /// got a new name drops its old policy first.
    pub const IP_PORT_NOT_UNIQUE: Self = Self(149);
    /// Policy not in local file.
    ///
    /// No policy satisfies the question, or none came within the time that was waited.
    pub const NOT_IN_LOCAL_FILE: Self = Self(151);
    /// Failed to determine destination node.
    ///
    /// Nobody is there to be asked: the question names no node, or the ledger has none of that kind.
    pub const NO_DESTINATION: Self = Self(155);
    /// Wrong HTTP method used.
    ///
    /// The command is not for this method of HTTP: GET reads, POST and PUT change. The detail says which.
    pub const WRONG_METHOD: Self = Self(156);
    /// Task not in scheduler.
    ///
    /// The scheduler has no such task: `get scheduler` lists them.
    pub const NO_TASK: Self = Self(162);
    /// Missing ID in policy.
    ///
    /// The policy has no id: `blockchain prepare policy` gives it one.
    pub const MISSING_ID: Self = Self(170);
    /// Wrong value assigned to a key.
    ///
    /// A value is none that the key can have; the detail says what it can be.
    pub const WRONG_VALUE: Self = Self(175);
    /// Non unique policy values.
    ///
    /// Another policy has the same values, of which there may be one policy alone; the detail names them.
    pub const NOT_UNIQUE: Self = Self(180);
    /// Timezone error.
    ///
    /// The name is no time zone. Write `utc`, `local`, or a name as `Europe/London`.
    pub const TIMEZONE: Self = Self(173);
    /// Failed to parse if condition.
    ///
    /// The condition cannot be read. Write `KEY = VALUE`, with `and`, `or` and brackets between several.
    pub const IF_CONDITION: Self = Self(181);
    /// Error timeout value.
    ///
    /// The time is none. Write seconds, or `5 minutes`.
    pub const TIMEOUT_VALUE: Self = Self(182);
    /// Operator not available.
    ///
    /// No operator is known for the database that a question to the whole network names.
    pub const NO_OPERATOR: Self = Self(203);
    /// Network connection to peer refused.
    ///
    /// Nobody accepts connections at the address. The node is down, or a firewall is between: `test connection
    /// HOST:PORT`.
    pub const PEER_REFUSED: Self = Self(208);
    /// Metadata without network peers.
    ///
    /// The ledger has policies and none of them is of a node, so nobody can be asked.
    pub const NO_PEERS: Self = Self(211);
    /// Unauthorized command.
    ///
    /// The caller may not do this. Over REST a token with the role that it takes is missing (`get rights` shows
    /// which); see [security.md](security.md).
    pub const UNAUTHORIZED: Self = Self(212);
    /// Non unique policy.
    ///
    /// Several configuration policies have this name or id, and only one can be run.
    pub const NON_UNIQUE_POLICY: Self = Self(215);
    /// Wrong attribute name.
    ///
    /// The part of an answer that was asked for is not there; the detail names those that are.
    pub const ATTRIBUTE_NAME: Self = Self(216);
    /// Wrong port value.
    ///
    /// The value is no port: 1 to 65535 are.
    pub const PORT_VALUE: Self = Self(221);
    /// Missing cluster policy.
    ///
    /// The operator names a cluster that is not in the ledger: publish the cluster first.
    pub const MISSING_CLUSTER: Self = Self(222);
    /// Non supported remote call.
    ///
    /// The command is not for other nodes, or not for this one of them (`PEER_READ`, `PEER_WRITE`, `PEER_NODE_INFO`,
    /// `PEER_SQL`). The detail names the variable.
    pub const REMOTE_NOT_SUPPORTED: Self = Self(224);
    /// Topic not monitored.
    ///
    /// No node has reported to this topic yet: `get monitored` lists those that have.
    pub const TOPIC: Self = Self(226);
    /// Error large command.
    ///
    /// A message or a command is longer than it may be. The detail has the limit.
    pub const LARGE_COMMAND: Self = Self(230);
    /// Not Supported in this Version.
    ///
    /// The command belongs to another kind of node, or to a part that this program does not have. The detail says
    /// where it belongs.
    pub const NOT_SUPPORTED: Self = Self(237);
    /// Error in JSON search key.
    ///
    /// The path behind `bring` or in a condition cannot be read, or an attribute that has to be unique is empty.
    pub const SEARCH_KEY: Self = Self(240);
    /// Error in script command.
    ///
    /// A line of a script in a policy is no command; the detail has the line. Nothing was published.
    pub const SCRIPT_COMMAND: Self = Self(229);
    /// Provided policy id does not match the policy.
    ///
    /// The id that was given beside a policy is not the one that stands in it: leave one out, or make them the same.
    pub const ID_MISMATCH: Self = Self(247);
    /// Missing required policy attribute.
    ///
    /// The policy lacks an attribute that its type needs; the detail names it.
    pub const MISSING_ATTRIBUTE: Self = Self(263);
    /// Conflicting policies.
    ///
    /// Policies that were given together cannot all be, or the ledger changed since they were compared with it; the
    /// detail says which.
    pub const CONFLICTING_POLICIES: Self = Self(264);
    /// File operation not authorized.
    ///
    /// The file is none that other nodes may read or write here.
    pub const FILE_NOT_AUTHORIZED: Self = Self(294);
    /// Concatenating strings failed.
    ///
    /// A value of a `+` is no text.
    pub const CONCATENATION: Self = Self(302);
}

/// Number and text of every code, in ascending order.
const TEXTS: &[(u16, &str)] = &[
    (0, "Success"),
    (1, "Unrecognized Command"),
    (2, "Error Command Structure"),
    (3, "Error Process Failure"),
    (4, "Error IO"),
    (5, "Wrong DBMS Name or DBMS not connected"),
    (6, "Error in JSON Structure"),
    (7, "Error in Data Structure"),
    (8, "No reply"),
    (9, "Data size is larger than buffer"),
    (10, "DBMS not open"),
    (11, "Error missing brackets"),
    (12, "File does not exists"),
    (13, "Compare failure"),
    (14, "File copy failed"),
    (15, "Network Error"),
    (16, "SQL Failure"),
    (17, "Missing metadata info on local node"),
    (18, "SQL stmt not supported"),
    (19, "Blockchain not recognized"),
    (20, "IP and Port of destination servers are not properly provided"),
    (21, "IP and Port of source server are not properly provided or accessible"),
    (22, "Directory is in watch by a different process"),
    (23, "Wrong job ID"),
    (24, "DBMS error"),
    (25, "Query that inputs a target query returned with no data"),
    (26, "Time Out"),
    (27, "Failed to map JSON to SQL insert"),
    (28, "Wrong table name"),
    (29, "No metadata info"),
    (30, "Blockchain operation failed"),
    (31, "Failed to place new data in watch directory"),
    (32, "Failed to place new data in REST directory"),
    (33, "Missing configuration"),
    (34, "Python call failed"),
    (35, "Directory does not exists"),
    (36, "Failed 'write data stream' process"),
    (37, "Job processed is not active"),
    (38, "Failed to send an error message to node"),
    (39, "Operator node error"),
    (40, "Error in command parameters"),
    (41, "Unexpected reply returned from dbms"),
    (42, "DBMS is not open or Table not declared"),
    (43, "Error with IP and Port of connected DBMS"),
    (44, "File move process failed"),
    (45, "Failed to load table metadata from blockchain"),
    (46, "Failed to parse SQL statement"),
    (47, "File open failed"),
    (48, "File write failed"),
    (49, "DBMS connection error"),
    (50, "DBMS not connected"),
    (51, "REST call error"),
    (52, "Insert new row failed"),
    (53, "Update existing row failed"),
    (54, "Missing event script"),
    (55, "Argument mismatch in a script"),
    (56, "Error in script without 'on error' instruction"),
    (57, "The thread is not executing a script"),
    (58, "No local blockchain file"),
    (59, "Empty local blockchain file"),
    (60, "Failed to execute 'bring' from JSON"),
    (61, "System call terminated or failed"),
    (62, "Failed to extract dir/file/type from name"),
    (63, "Directory is not writeable"),
    (64, "Missing file name"),
    (65, "Compression Failed"),
    (66, "Table structure not available"),
    (67, "Failed to analyze JSON file"),
    (68, "Failed to pull blockchain from local dbms"),
    (69, "Wrong blockchain structure"),
    (70, "Duplicate blockchain object id"),
    (71, "Failed to delete file"),
    (72, "Failed to rename file"),
    (73, "Missing Operators for a Table"),
    (74, "Watch Directory not defined"),
    (75, "Inconsistent metadata declarations"),
    (76, "Query processing time above limit"),
    (77, "Query data volume above limit"),
    (78, "Wrong Path"),
    (79, "Missing partition information"),
    (80, "Drop partition failed"),
    (81, "Connection Error"),
    (82, "Missing partition declaration"),
    (83, "Missing DBMS name"),
    (84, "Input query not available"),
    (85, "Failed to retrieve instructions"),
    (86, "Duplicate JSON File"),
    (87, "Wrong policy structure"),
    (88, "Wrong username or password"),
    (89, "Email message failed"),
    (90, "Failed to read files from dir"),
    (91, "Missing password"),
    (92, "Failed to create directory"),
    (93, "Wrong password"),
    (94, "Duplicate signatures"),
    (95, "Public key is missing"),
    (96, "Internal Block Error"),
    (97, "Failed to authenticate message"),
    (98, "Failed to sign a message or wrong password"),
    (99, "Failed to import library"),
    (100, "Decompression failed"),
    (101, "DBMS error: delete row failed - wrong key"),
    (102, "A user with the provided name exists"),
    (103, "Failed to add new user"),
    (104, "Wrong DBMS type"),
    (105, "Scheduler not active"),
    (106, "Backup Failed"),
    (107, "Only subset of policies deleted"),
    (108, "Failed to allocate resources for task"),
    (109, "Blockchain table not on local DBMS"),
    (110, "Error in REST headers"),
    (111, "Drop DBMS failed"),
    (112, "Missing script file"),
    (113, "Needed Policy is not available"),
    (114, "Incomplete Policy"),
    (115, "Wrong file type"),
    (116, "File time is not accessible"),
    (117, "Data from TSD table in almgm DBMS is not accessible"),
    (118, "Missing parent policy"),
    (119, "Error with file name structure"),
    (120, "Empty result set"),
    (121, "A process with a TSD table failed"),
    (122, "MQTT connection failure"),
    (123, "MQTT publish failed"),
    (124, "Error with info provided to MQTT"),
    (125, "Error with data provided by a subscribed message"),
    (126, "MQTT: Failed to retrieve DBMS name from message"),
    (127, "MQTT: Failed to retrieve Table name from message"),
    (128, "MQTT: Wrong client ID"),
    (129, "File move to watch dir failed"),
    (130, "Table excluded from processing"),
    (131, "File from an unrecognized member of the cluster"),
    (132, "Local table not declared in blockchain"),
    (133, "Failed to retrieve hostname"),
    (134, "Error in SQL Select statement"),
    (135, "TCP server not running"),
    (136, "Process already active"),
    (137, "Failed to generate keys"),
    (138, "Uninitialized variable"),
    (139, "User authentication disabled"),
    (140, "File read failed"),
    (141, "Unrecognized Command"),
    (142, "Private key not available"),
    (143, "Encryption Failed"),
    (144, "Decryption Failed"),
    (145, "Authentication failed"),
    (146, "Failed to extract message components"),
    (147, "No TSD tables"),
    (148, "File move to archive failed"),
    (149, "None unique IP:Port in policy"),
    (150, "Blockchain synchronizer is not running"),
    (151, "Policy not in local file"),
    (152, "No files satisfy the copy command"),
    (153, "Error in directory name"),
    (154, "Received non-subscribed message"),
    (155, "Failed to determine destination node"),
    (156, "Wrong HTTP method used"),
    (157, "MQTT Server Error"),
    (158, "MQTT message not in JSON format"),
    (159, "Unrecognized MQTT topic"),
    (160, "Error in message received by broker"),
    (161, "Wrong output format"),
    (162, "Task not in scheduler"),
    (163, "Unknown user agent"),
    (164, "No monitored info"),
    (165, "Failed query process"),
    (166, "Missing leading results"),
    (167, "Missing data ingest mapping"),
    (168, "Job terminated by caller"),
    (169, "Command not executed"),
    (170, "Missing ID in policy"),
    (171, "Operator not allowed to declare table"),
    (172, "Files not available in directory"),
    (173, "Timezone error"),
    (174, "No cluster assigned to operator"),
    (175, "Wrong value assigned to a key"),
    (176, "Error in test file structure"),
    (177, "Failed Kafka process"),
    (178, "SQL not executed"),
    (179, "Connected to different DBMS"),
    (180, "Non unique policy values"),
    (181, "Failed to parse if condition"),
    (182, "Error timeout value"),
    (183, "Missing blob file name"),
    (184, "Missing key in dictionary"),
    (185, "Failed blob insert"),
    (186, "Failed blob retrieve"),
    (187, "Failed to list files"),
    (188, "Data type not supported"),
    (189, "File not available in storage"),
    (190, "Command not supported by DBMS Engine"),
    (191, "Blobs Directory is not defined"),
    (192, "Operator processes not enabled"),
    (193, "Wrong header structure"),
    (194, "Casting Failure"),
    (195, "Non supported casting"),
    (196, "Failed to encode data"),
    (197, "Duplicate Condition"),
    (198, "File already exists"),
    (199, "Encoding failed"),
    (200, "Decoding Failed"),
    (201, "Commit Failed"),
    (202, "Rollback Failed"),
    (203, "Operator not available"),
    (204, "Operator is missing IP:Port"),
    (205, "Missing destination DBMS or Table "),
    (206, "Missing partition in file name"),
    (207, "Wrong TSD ID"),
    (208, "Network connection to peer refused"),
    (209, "Blockchain contract error"),
    (210, "Missing policy authorization"),
    (211, "Metadata without network peers"),
    (212, "Unauthorized command"),
    (213, "Missing_root_user"),
    (214, "Cluster info not available"),
    (215, "Non unique policy"),
    (216, "Wrong attribute name"),
    (217, "Inconsistent Schema"),
    (218, "Wrong license key"),
    (219, "Error str format"),
    (220, "Operator not accessible"),
    (221, "Wrong port value"),
    (222, "Missing cluster policy"),
    (223, "Failed to assign unused port"),
    (224, "Non supported remote call"),
    (225, "Unrecognized data type"),
    (226, "Topic not monitored"),
    (227, "gRPC wrong connection info"),
    (228, "gRPC process failed"),
    (229, "Error in script command"),
    (230, "Error large command"),
    (231, "Prep dir not defined"),
    (232, "Wrong directory name"),
    (233, "Wrong rule name"),
    (234, "Format not supported"),
    (235, "Configuration Error"),
    (236, "Expired AnyLog license key"),
    (237, "Not Supported in this Version"),
    (238, "Error in message format"),
    (239, "Wrong Address"),
    (240, "Error in JSON search key"),
    (241, "Profiler lib not loaded"),
    (242, "Profiler call not in sequence"),
    (243, "Profiler process failure"),
    (244, "Error in Grafana Payload info"),
    (245, "Error Mapping Data Source to Grafana"),
    (246, "Failed to retrieve reply from network"),
    (247, "Provided policy id does not match the policy"),
    (248, "Policy is invalid"),
    (249, "Command not suppoerted on main thread"),
    (250, "Failed to parse input file"),
    (251, "Missing_source_file"),
    (252, "HTTP Request: failed to decode message body"),
    (253, "Failed to connect to OPCUA"),
    (254, "Failed OPCUA process"),
    (255, "Unrecognized source node"),
    (256, "Missing aggregation info"),
    (257, "Missing aggregation fields in data"),
    (258, "Wrong aggregation column name"),
    (259, "Subprocess Failed"),
    (260, "Failed to retrieve DNS name"),
    (261, "Error in msg format"),
    (262, "Needs to be executed locally"),
    (263, "Missing required policy attribute"),
    (264, "Conflicting policies"),
    (265, "Failed to connect to the PLC"),
    (266, "Failed to pull PLC info"),
    (267, "Wrong process name"),
    (268, "No trace data"),
    (269, "Duplicate process"),
    (270, "Duplicate bucket name"),
    (271, "Bucket group not declared"),
    (272, "Failed to create a new bucket"),
    (273, "Failed to drop a bucket"),
    (274, "Wrong bucket name"),
    (275, "Failed to upload a file"),
    (276, "Failed to download a file"),
    (277, "Failed to declare bucket group"),
    (278, "Failed bucket list"),
    (279, "Wrong connection name"),
    (280, "Duplicate connection name"),
    (281, "Not supported protocol"),
    (282, "Not Implemented Error"),
    (283, "Camera not declared"),
    (284, "Camera thread not active"),
    (285, "Camera display active"),
    (286, "Thread not active"),
    (287, "Error Commands Sequence"),
    (288, "URL not supported"),
    (289, "Library not in local registry"),
    (290, "Video failed to initialize"),
    (291, "File close failed"),
    (292, "Error with external library"),
    (293, "Client call not supported"),
    (294, "File operation not authorized"),
    (295, "Request needs to be refined"),
    (296, "Inconsistent include table in query"),
    (297, "Failed to parse user data"),
    (298, "Inconsistent row struct"),
    (299, "Failed to identify application data"),
    (300, "Failed library process"),
    (301, "Missing data on HTTP call"),
    (302, "Concatenating strings failed"),
    (303, "Modbus poll: no successful point reads"),
    (1001, "CALL"),
    (1002, "GOTO"),
    (1003, "END SCRIPT"),
    (1004, "RETURN"),
    (1005, "RE RUN QUERY"),
    (1006, "Empty Data Set"),
    (1007, "AT LIMIT"),
    (1008, "TRAVERSAL COMPLETED"),
    (1009, "ON ERROR GOTO"),
    (1010, "ON ERROR CALL"),
    (1011, "ON ERROR IGNORE"),
    (1012, "ON ERROR END SCRIPT"),
    (1013, "ELSE IGNORED"),
    (1014, "DO IGNORED"),
    (1015, "File exists"),
    (1016, "File does not exists"),
    (1017, "Exit all scripts"),
];
