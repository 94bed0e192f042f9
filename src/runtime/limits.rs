//! Every limit of the node, one constant each, with its unit.

use std::time::Duration;

/// Time between two looks at the health of the node that nobody asked for.
pub const HEALTH_LOOK: Duration = Duration::from_secs(5);
/// Time that the disk gets to say how much room it has.
pub const DISK_LOOK: Duration = Duration::from_secs(2);
/// Time after which a disk that has not said it is one that does not answer.
pub const DISK_SILENT: Duration = Duration::from_secs(30);
/// Free bytes of the node's disk below which an operator has to look.
pub const DISK_LOW: u64 = 512 * 1024 * 1024;
/// Time before its end from which on the certificate of the REST server is to be renewed.
pub const CERTIFICATE_SOON: Duration = Duration::from_secs(14 * 24 * 3600);
/// Least age of the last good round of the synchroniser that is worth a look.
pub const SYNC_LATE: Duration = Duration::from_secs(120);
/// Time after which a member that does not ask for the ledger is silent: ten rounds of a member as they come.
pub const MEMBER_SILENT: Duration = Duration::from_secs(300);
/// Time after which a silent member has left the network.
pub const MEMBER_FORGOTTEN: Duration = Duration::from_secs(24 * 3600);
/// Members that the book remembers.
pub const MEMBERS: usize = 10_000;
/// Addresses of one member's requests that are remembered.
pub const MEMBER_CALLERS: usize = 4;
/// Bytes of the name of the file that a member wants the ledger in.
pub const MEMBER_FILE: usize = 1024;
/// Bytes that are remembered of the reason of a failure.
pub const MEMBER_REASON: usize = 256;
/// Deliveries in a row that do not arrive before an operator has to look.
pub const MEMBER_FAILURES: u32 = 3;
/// Time between two times that the book is written to the disk.
pub const MEMBERS_KEPT: Duration = Duration::from_secs(60);
/// Bytes of the file of the book.
pub const MEMBERS_FILE: u64 = 64 * 1024 * 1024;
/// Seconds by which a clock may be off before somebody has to look.
pub const CLOCK_OFF: u64 = 60;
/// Time by which a clock may be set back for changes to get times behind the last one. One that was further ahead was wrong.
pub const CLOCK_SET_BACK: Duration = Duration::from_secs(48 * 3600);
/// Time that a database of the ledger may take to answer before somebody has to look.
pub const DATABASE_SLOW: Duration = Duration::from_secs(1);
/// Other nodes that a test of joining asks.
pub const JOIN_NODES: usize = 64;
/// Things that keep members from joining of which is remembered.
pub const TROUBLES: usize = 1000;
/// The same for one address.
pub const TROUBLES_OF_SENDER: usize = 16;
/// Time after which the log tells the same of a sender again.
pub const TROUBLE_AGAIN: Duration = Duration::from_secs(60 * 60);
/// Time for which what was seen is of today's worries.
pub const TROUBLE_RECENT: Duration = Duration::from_secs(10 * 60);
/// Time after which it is forgotten.
pub const TROUBLE_FORGOTTEN: Duration = Duration::from_secs(24 * 3600);
/// Time that whoever came to the wrong port has to send its message and to take the answer.
pub const FOREIGN_TIME: Duration = Duration::from_secs(1);
/// Bytes that are read of what it still sends.
pub const FOREIGN_BYTES: u64 = 64 * 1024;
/// Least time between two rounds of a member: what asks more often is no synchroniser.
pub const MEMBER_ROUND: Duration = Duration::from_secs(9);
/// How much earlier than due the request of a round may come.
pub const MEMBER_EARLY: Duration = Duration::from_millis(50);
/// How much later than due the request of a round may come.
pub const MEMBER_LATE: Duration = Duration::from_millis(250);
/// Time until a member that did not say which program it is may be asked again.
pub const MEMBER_ASK_PAUSE: Duration = Duration::from_secs(10 * 60);
/// Places for ledgers under way to members that did not ask; one keeps its place for [`MEMBER_PUSH_PLACE`] at most.
pub const MEMBER_PUSHES: usize = 64;
/// Time in which changes that follow each other become one look at who has to get them.
pub const MEMBER_PUSH_LOOK: Duration = Duration::from_millis(20);
/// Time between two looks whether members may have a ledger that is held back.
pub const MEMBER_PUSH_HELD: Duration = Duration::from_secs(1);
/// Pause after a member did not take a ledger that it did not ask for; it doubles with each failure.
pub const MEMBER_BACKOFF: Duration = Duration::from_secs(1);
/// Longest such pause.
pub const MEMBER_BACKOFF_MOST: Duration = Duration::from_secs(60);
/// Time that a member gets to work on a ledger before it closes the connection.
pub const MEMBER_CLOSE_TIME: Duration = Duration::from_secs(5);
/// Bytes of a ledger below which it is sent plain: it fits two blocks.
pub const LEDGER_PLAIN: usize = 3 * 1024;
/// Kinds of REST callers that are counted apart.
pub const CALLERS: usize = 64;
/// Time that a chain's provider gets to take a connection.
pub const CHAIN_CONNECT: Duration = Duration::from_secs(5);
/// Time that it gets to answer one call.
pub const CHAIN_CALL: Duration = Duration::from_secs(15);
/// Time without an answer after which a provider that is asked counts as silent.
pub const CHAIN_SILENT: Duration = Duration::from_secs(10);
/// Times that a read of a chain is tried.
pub const CHAIN_TRIES: u32 = 3;
/// Pause before the second try; it doubles with each.
pub const CHAIN_PAUSE: Duration = Duration::from_millis(250);
/// Bytes of one answer of a provider.
pub const CHAIN_ANSWER: usize = 64 * 1024 * 1024;
/// Calls that are sent to a provider as one batch.
pub const CHAIN_BATCH: usize = 200;
/// Batches and pages of a checkout that are under way at the same time.
pub const CHAIN_READS: usize = 4;
/// Policies that one call of a contract with pages returns.
pub const CHAIN_PAGE: u64 = 100;
/// Times that a checkout is begun again because the contract changed meanwhile.
pub const CHAIN_CHECKOUTS: u32 = 5;
/// Age of a checkout from which on its block is taken to stay in the chain.
pub const CHAIN_YOUNG: Duration = Duration::from_secs(15 * 60);
/// Time that a command waits for the confirmation of its transaction.
pub const CHAIN_CONFIRMATION: Duration = Duration::from_secs(180);
/// Pause before the second look at a transaction; it doubles with each.
pub const CHAIN_LOOK: Duration = Duration::from_millis(50);
/// Longest such pause.
pub const CHAIN_LOOK_MOST: Duration = Duration::from_secs(2);
/// Bytes of a REST request body (`REST_BODY_LIMIT`).
pub const REST_BODY: usize = 16 * 1024 * 1024;
/// Bytes of a REST request's header.
pub const REST_HEADER: usize = 512 * 1024;
/// Header lines of a REST request.
pub const REST_HEADER_LINES: usize = 100;
/// Bytes of an error that stand behind the status of a reply, for clients that show nothing else.
pub const REST_PHRASE: usize = 1000;
/// Characters of an error's detail in a header line.
pub const REST_DETAIL: usize = 1000;
/// Bytes that one command may print into the reply of its request.
pub const REST_PRINTED: usize = 1024 * 1024;
/// Characters of a request's id that a caller brings.
pub const REST_REQUEST_ID: usize = 128;
/// Bytes of the replies that the REST server keeps, with their commands.
pub const REST_CACHE: u64 = 32 * 1024 * 1024;
/// REST connections open at the same time (`REST_CONNECTIONS`).
pub const REST_CONNECTIONS: usize = 16_384;
/// REST connections open at the same time from one address (`REST_CONNECTIONS_PER_HOST`).
pub const REST_CONNECTIONS_PER_HOST: usize = 2048;
/// REST connections beyond those, kept for probes and for callers on this machine.
pub const REST_RESERVED: usize = 64;
/// As [`REST_RESERVED`], of one address.
pub const REST_RESERVED_PER_HOST: usize = 16;
/// Age of an unfinished header or body from which its sender is a slow one, which gives way first.
pub const REST_SLOW_SENDER: Duration = Duration::from_secs(2);
/// Bytes in a second from which a sender of a body is none of the slow ones.
pub const REST_SLOW_RATE: u128 = 1024 * 1024;
/// Time after a request in which its reply may still be on its way.
pub const REST_REPLY_UNDER_WAY: Duration = Duration::from_secs(1);
/// Time between two lines of the log about connections that give way.
pub const REST_SHORTAGE_NEWS: Duration = Duration::from_secs(60);
/// Bytes of all bodies of REST requests under way (`REST_BODY_MEMORY`).
pub const REST_BODY_MEMORY: usize = 48 * 1024 * 1024;
/// Bytes of a body that is a small one: the last eighth of the memory is theirs.
pub const REST_SMALL_BODY: usize = 64 * 1024;
/// Bytes of the body of a caller that may only read, or of the Grafana connector: a question.
pub const REST_QUESTION: usize = 256 * 1024;
/// Bytes of a header above which it counts as memory of the bodies, and its connection ends with the reply.
pub const REST_SMALL_HEADER: usize = 16 * 1024;
/// Bytes that are read from a connection at once: what keeps the buffer of each at its first size.
pub const REST_READ: usize = 8 * 1024 - 1;
/// Time between two looks of a body that waits for memory at who has become slow.
pub const REST_BODY_LOOK: Duration = Duration::from_millis(250);
/// Time for the header of a REST request, from its first byte.
pub const REST_HEADER_TIME: Duration = Duration::from_secs(10);
/// Time for the body of a REST request.
pub const REST_BODY_TIME: Duration = Duration::from_secs(30);
/// Time a REST connection may rest between two requests, or without taking a byte of its reply.
pub const REST_IDLE_TIME: Duration = Duration::from_secs(75);
/// Time for a TLS handshake.
pub const REST_HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Time for which a caller that still sends a refused request is read.
pub const REST_FAREWELL_TIME: Duration = Duration::from_secs(2);
/// Bytes that are read of it.
pub const REST_FAREWELL_BYTES: usize = 64 * 1024 * 1024;
/// Time that requests under way get when the REST server stops.
pub const REST_DRAIN_TIME: Duration = Duration::from_secs(8);
/// Time between two looks whether the TLS files changed.
pub const REST_TLS_LOOK: Duration = Duration::from_secs(10);
/// Pause after a connection that could not be accepted.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Commands in the body of one REST request.
pub const REST_BODY_COMMANDS: usize = 10_000;
/// Wrong tokens that one address may send in a minute.
pub const WRONG_TOKENS: u32 = 10;
/// Addresses whose wrong tokens are remembered.
pub const WRONG_TOKEN_ADDRESSES: usize = 10_000;
/// Time without a request after which a session of the console ends (`CONSOLE_TIMEOUT`).
pub const CONSOLE_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Time after which a stream of events of a page is opened anew.
pub const CONSOLE_STREAM: Duration = Duration::from_secs(10 * 60);
/// Changes that the overview of the console looks back at.
pub const CONSOLE_CHANGES: i64 = 2000;
/// Nodes in the picture of the network.
pub const CONSOLE_NODES: usize = 48;
/// Rows of one table of the console.
pub const CONSOLE_ROWS: usize = 200;
/// Sessions of the console.
pub const CONSOLE_SESSIONS: usize = 256;
/// Fields of one form or URL of the console.
pub const CONSOLE_FIELDS: usize = 256;
/// Bytes of a form that changes no policy: a question, a command.
pub const CONSOLE_FORM: usize = 256 * 1024;
/// Rows of the answer to a command that a page shows; a download has all of them.
pub const CONSOLE_ANSWER_ROWS: usize = 1000;
/// Texts and replies that a command prints beside its answer and that a page shows.
pub const CONSOLE_PRINTED: usize = 200;
/// Lines of the log that a page shows at first.
pub const CONSOLE_LOG_LINES: usize = 200;
/// Pages that follow the log at the same time.
pub const CONSOLE_LOG_STREAMS: usize = 64;
/// Pages that download a backup at the same time; the others are told to wait.
pub const CONSOLE_BACKUPS: usize = 2;
/// Entries that the event log keeps.
pub const EVENT_LOG_ENTRIES: usize = 100;
/// Entries that the error, query, streaming and file log keep.
pub const LOG_ENTRIES: usize = 20;
/// Words that one command looks for in a log (`get error log where keys = …`).
pub const LOG_KEYS: usize = 100;
/// Bytes of one text in a log or in the echo queue; longer ones are cut.
pub const LOG_TEXT: usize = 4096;
/// Messages that the echo queue keeps (`reset echo queue where size = 1..100`).
pub const ECHO_MESSAGES: usize = 20;
/// Largest size of the echo queue.
pub const ECHO_MESSAGES_MAX: usize = 100;

/// Connections that may wait in the listen queue of a server.
pub const LISTEN_BACKLOG: u32 = 1024;
/// Longest time between two tries to reach the database at the boot.
pub const DATABASE_BACKOFF: Duration = Duration::from_secs(2);
/// How long a start waits for the table of the ledger before it reads the local copy alone.
pub const TABLE_PATIENCE: Duration = Duration::from_millis(250);
/// Texts that wait for the standard output; further ones are left out and counted.
pub const CONSOLE_QUEUE: usize = 4096;

/// Lines read from the standard input that wait for the node.
pub const INPUT_QUEUE: usize = 64;

/// Bytes of one line of input, and of one `<…>` block together.
pub const INPUT_BYTES: usize = 1024 * 1024;

/// Time that a command of the prompt gets to end when the node stops.
pub const PROMPT_GRACE: Duration = Duration::from_secs(2);
/// Highest number of a scheduler.
pub const SCHEDULERS: usize = 10;
/// Tasks of one scheduler.
pub const SCHEDULED_TASKS: usize = 1000;
/// Time between two looks of a scheduler at its tasks.
pub const SCHEDULER_WAKE: Duration = Duration::from_secs(10);

/// Connections of other nodes open at the same time (`PEER_CONNECTIONS`).
pub const PEER_CONNECTIONS: usize = 4096;
/// Connections open at the same time from one address (`PEER_CONNECTIONS_PER_HOST`).
pub const PEER_CONNECTIONS_PER_HOST: usize = 2048;
/// Time for each block of a message, from the end of the one before it.
pub const PEER_BLOCK_TIME: Duration = Duration::from_secs(10);
/// Time for a whole message.
pub const PEER_MESSAGE_TIME: Duration = Duration::from_secs(120);
/// Bytes of a message that carries a command: a policy of the largest size, however its characters are written.
pub const PEER_COMMAND: usize = 2 * 1024 * 1024;
/// Blocks of a message that is too large which are read, and not kept, so that its sender can be told.
pub const PEER_REFUSED_BLOCKS: u32 = 16 * 1024;
/// Bytes that are kept of such a message: what the answer repeats.
pub const PEER_REFUSED_TEXT: usize = 1024;
/// Bytes of a message that brings a ledger which this node asked for.
pub const PEER_REPLY: usize = 128 * 1024 * 1024;
/// Bytes of the answer of another node to a command that somebody sends it (`run client`).
pub const PEER_ANSWER: usize = 64 * 1024 * 1024;
/// Bytes of the answer of another node to what tests and checks ask: its state, its version, its time.
pub const PEER_SHORT_ANSWER: usize = 64 * 1024;
/// Bytes of JSON of another node that become a value, which takes up to 36 times the memory; more of it stays a text.
pub const PEER_JSON: usize = 1024 * 1024;
/// Bytes of an answer to another node from which on it counts as a large one ([`LARGE_ANSWERS`]) until it is sent.
pub const PEER_COUNTED_ANSWER: usize = 4 * 1024;
/// Blocks of messages that are read or handled at the same time, the first of each not counted: 32 MB.
pub const PEER_BLOCKS: usize = 16 * 1024;
/// The same for one address: 12 MB.
pub const PEER_BLOCKS_OF_HOST: usize = 6 * 1024;
/// Age from which on an unfinished message has to make room for the blocks of others.
pub const PEER_SLOW_TIME: Duration = Duration::from_millis(500);
/// Blocks of messages that this node waits for: 256 MB.
pub const PEER_AWAITED_BLOCKS: usize = 128 * 1024;
/// Time between two looks for room that others held.
pub const PEER_ROOM_LOOK: Duration = Duration::from_millis(50);
/// One place in so many is kept for local callers and known members.
pub const PEER_KEPT_SHARE: usize = 8;
/// Questions of other nodes that are answered at the same time.
pub const PEER_QUESTIONS: usize = 128;
/// The same for one address.
pub const PEER_QUESTIONS_OF_HOST: usize = 16;
/// Time that a message waits for its place among the questions that are answered, or among the names that are looked
/// up. Its sender has given up by then.
pub const PEER_PLACE_TIME: Duration = Duration::from_secs(20);
/// Time that an unfinished message holds up later ones of the same sender.
pub const PEER_ORDER_TIME: Duration = Duration::from_millis(500);
/// Time to connect to another node.
pub const PEER_CONNECT_TIME: Duration = Duration::from_secs(3);
/// Time in which another node must take 64 KiB.
pub const PEER_SEND_TIME: Duration = Duration::from_secs(10);
/// Pauses before a message is tried again.
pub const PEER_RETRIES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(6)];
/// Messages that wait for one destination.
pub const PEER_QUEUE: usize = 256;
/// Destinations with waiting messages.
pub const PEER_QUEUES: usize = 1024;
/// Messages under way to one destination at the same time.
pub const PEER_LANES: usize = 4;
/// Bytes of the answers that wait for one destination; the first may be larger.
pub const PEER_QUEUE_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of the answers that wait for all destinations.
pub const PEER_QUEUES_BYTES: usize = 64 * 1024 * 1024;
/// Files that a sender gets at once, and the time until one more.
pub const PEER_FILES: (u32, Duration) = (20, Duration::from_millis(250));
/// The same for a machine that is not the sender.
pub const PEER_FILES_TO_OTHERS: (u32, Duration) = (6, Duration::from_secs(5));
/// Bytes of text that count as one unit of what a sender gets. A short answer counts as one, too: 4,000 a second may come.
pub const PEER_TEXT_UNIT: usize = 4 * 1024;
/// Such units that a sender gets at once, and the time until one more: 64 MB, then 16 MB in a second.
pub const PEER_TEXTS: (u32, Duration) = (16 * 1024, Duration::from_micros(250));
/// Bytes of text that count as one unit of what a machine gets that is not the sender.
pub const PEER_TEXT_UNIT_OF_OTHERS: usize = 64 * 1024;
/// Such units that it gets at once, and the time until one more: 8 MB, then 256 KB in a second.
pub const PEER_TEXTS_TO_OTHERS: (u32, Duration) = (128, Duration::from_millis(250));
/// Bytes of one answer to a machine that is not the sender.
pub const PEER_TEXT_TO_OTHERS: usize = 8 * 1024 * 1024;
/// Receivers whose pace is remembered before those at rest are forgotten.
pub const PEER_PACES: usize = 4096;
/// Addresses where nodes were found that are remembered.
pub const PEER_CONFIRMATIONS: u64 = 10_000;
/// Time for which a node is taken to be where it was found.
pub const PEER_CONFIRMED_TIME: Duration = Duration::from_secs(60 * 60);
/// Time until an address where no node was found is asked again.
pub const PEER_CONFIRM_PAUSE: Duration = Duration::from_secs(60);
/// Addresses that are asked at the same time whether a node is there.
pub const PEER_CONFIRMS_AT_ONCE: usize = 8;
/// Lines of the log about messages of other nodes, of each kind, in [`PEER_COMPLAINTS_TIME`].
pub const PEER_COMPLAINTS: u32 = 50;
/// Time after which the lines are counted anew.
pub const PEER_COMPLAINTS_TIME: Duration = Duration::from_secs(10);
/// Names in return addresses that are looked up at the same time.
pub const PEER_LOOKUPS: usize = 32;
/// The same for one sender.
pub const PEER_LOOKUPS_OF_HOST: usize = 4;
/// Addresses of one name that are tried.
pub const PEER_ADDRESSES_OF_A_NAME: usize = 8;
/// Callers that wait for answers of other nodes at the same time; the protocol has no more slots.
pub const PEER_JOBS: u16 = 500;
/// Time that `run client` waits for answers when it is not told another.
pub const PEER_ANSWER_TIME: Duration = Duration::from_secs(20);
/// Longest time that anybody waits for answers of other nodes, whatever the command says.
pub const PEER_ANSWER_MOST: Duration = Duration::from_secs(60 * 60);
/// Time that `test network` and `test node` wait for a node.
pub const PEER_TEST_TIME: Duration = Duration::from_secs(4);
/// Time that the start waits for who is at `LEDGER_CONN`.
pub const OWN_ADDRESS_TIME: Duration = Duration::from_secs(2);
/// Destinations of one `run client`.
pub const PEER_DESTINATIONS: usize = 1000;
/// Lines that the history of the prompt keeps.
pub const HISTORY_LINES: usize = 1000;

/// Changes and look-ups of the ledger that wait for the writer.
pub const LEDGER_QUEUE: usize = 4096;
/// Questions that wait for the one connection to a SQLite file.
pub const STORE_QUEUE: usize = 256;
/// Time of a query that is answered on the thread of its caller. Longer ones begin anew on a thread of their own.
pub const QUERY_TIME_AT_ONCE: Duration = Duration::from_millis(2);
/// Steps of such a query.
pub const QUERY_STEPS_AT_ONCE: u64 = 4096;
/// Steps that such a query takes before anybody looks at the clock: as many as the look-up of one policy of a usual size.
pub const QUERY_STEPS_UNWATCHED: u64 = 1024;
/// Rows that such a query keeps.
pub const QUERY_ROWS_AT_ONCE: u64 = 512;
/// Bytes of memory that such a query takes.
pub const QUERY_BYTES_AT_ONCE: u64 = 512 * 1024;
/// Queries inside each other that callers over the network may join.
pub const QUERY_JOINS: usize = 2;
/// Steps of a command that reads the value of a variable as a query reads policies.
pub const VALUE_STEPS: u64 = 1_000_000;
/// Bytes of memory that such a command takes.
pub const VALUE_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of large answers that are on their way together; half of them for one address.
pub const LARGE_ANSWERS: usize = 256 * 1024 * 1024;
/// Time that work on threads of its own waits for its turn.
pub const WORK_WAIT: Duration = Duration::from_secs(20);
/// Pieces of such work that one caller has under way.
pub const WORK_PER_CALLER: usize = 16;
/// Pieces of such work that all callers together have under way.
pub const WORK_WAITING: usize = 256;
/// How much more than the node such threads let others come first, from 0 to 19.
pub const WORKER_NICENESS: i32 = 10;
/// Threads that send files to members; fewer where there are fewer processors.
pub const BACKGROUND_THREADS: usize = 4;
/// Bytes of one line of a backup. Rows that others wrote may be larger than policies are taken.
pub const BACKUP_LINE: usize = 64 * 1024 * 1024;
/// Policies of a backup.
pub const BACKUP_ROWS: u64 = 20_000_000;
/// Differences and changes that one answer about a backup names.
pub const BACKUP_NAMED: usize = 1000;
/// Time between two looks whether a backup is due.
pub const BACKUP_LOOK: Duration = Duration::from_secs(30);
/// Pause after a scheduled backup that failed.
pub const BACKUP_AGAIN: Duration = Duration::from_secs(60);
/// How much later than due a backup may come before somebody has to look.
pub const BACKUP_LATE: Duration = Duration::from_secs(15 * 60);
/// Policies of one list that are added together.
pub const POLICIES_TOGETHER: usize = 1000;
/// Bytes of the stored text of one policy.
pub const POLICY: usize = 256 * 1024;
/// Bytes of the id, and of the type, of one policy.
pub const POLICY_NAME: usize = 1024;
/// Bytes of a file whose policies are imported.
pub const IMPORT_FILE: u64 = 1024 * 1024 * 1024;
/// Bytes of policies that one request of an import carries, the first policy not counted.
pub const IMPORT_PART: usize = 1024 * 1024;
/// Time after which policies of an import that nobody finishes are forgotten when another one begins.
pub const IMPORT_IDLE: Duration = Duration::from_secs(120);
/// What of an import is named one by one.
pub const IMPORT_NAMED: usize = 10;
/// Changes that wait until an operator confirms them.
pub const HELD_CHANGES: usize = 1000;
/// Bytes of the changes that wait until an operator confirms them.
pub const HELD_BYTES: usize = 16 * 1024 * 1024;
/// Senders of changes whose pace is remembered.
pub const PACED_SENDERS: usize = 10_000;
/// Bytes of the ledger that are left to the node and its operators when others have filled it.
pub const LEDGER_RESERVE: u64 = 1024 * 1024;
/// Rows that one `sql` command returns.
pub const SQL_ROWS: usize = 10_000;
/// Bytes of all names and values of these rows.
pub const SQL_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of one value or row: the longest policies, and more than a query of a network returns.
pub const SQL_VALUE: i32 = 1024 * 1024;
/// Bytes of memory that one `sql` command may take while it sorts and groups.
pub const SQL_MEMORY: u64 = 128 * 1024 * 1024;
/// Commands of `sql` at the same time.
pub const SQL_AT_ONCE: usize = 2;
/// Time that one `sql` command may take.
pub const SQL_TIME: Duration = Duration::from_secs(10);
/// Time to reach a node with `exec` and `prompt`.
pub const CLIENT_CONNECT_TIME: Duration = Duration::from_secs(5);
/// Time for the whole answer to `exec` and `prompt`.
pub const CLIENT_TIME: Duration = Duration::from_secs(120);
/// Files of policies that `apply` reads.
pub const POLICY_FILES: usize = 100_000;
/// Bytes of all of them.
pub const POLICY_FILES_BYTES: usize = 256 * 1024 * 1024;
/// Directories inside each other in which it looks for them.
pub const POLICY_FILES_DEPTH: usize = 16;
/// Bytes of an answer that `exec` and `prompt` take.
pub const CLIENT_REPLY: usize = 1024 * 1024 * 1024;
/// Time between two looks at the processors (`get cpu usage`).
pub const CPU_LOOK: Duration = Duration::from_millis(100);

/// Time that another master gets to send its ledger (`blockchain seed from`).
pub const SEED_TIME: Duration = Duration::from_secs(30);
/// Bytes of the stack of a thread: what the deepest scripts and commands inside each other need, and as much again.
pub const THREAD_STACK: usize = 4 * 1024 * 1024;
/// Scripts that run scripts inside each other.
pub const SCRIPT_DEPTH: usize = 32;
/// Bytes of the path of a file.
pub const PATH: usize = 4096;
/// Bytes of a script file.
pub const SCRIPT_BYTES: u64 = 1024 * 1024;
/// Statements of a script between two waits.
pub const SCRIPT_STEPS: u64 = 5_000_000;
/// Statements of a script after which other work gets its turn.
pub const SCRIPT_STEPS_AT_ONCE: u32 = 64;
/// Errors of one line of a script that go to its error handler.
pub const SCRIPT_HANDLED_ERRORS: u32 = 1000;
/// Calls of labels inside calls.
pub const SCRIPT_CALLS: usize = 1000;
/// Time to learn the external address from `EXTERNAL_IP_URL`.
pub const EXTERNAL_IP_TIME: Duration = Duration::from_secs(10);
/// Bytes of an answer to `rest get`.
pub const REST_GET_BODY: usize = 1024 * 1024;
/// Time for `rest get`.
pub const REST_GET_TIME: Duration = Duration::from_secs(5);
/// Bytes of a file that `system grep` looks through.
pub const SYSTEM_FILE: u64 = 1024 * 1024;
/// Time of a program that `system` starts.
pub const SYSTEM_TIME: Duration = Duration::from_secs(5);

/// Time for which a master that sends for a relay is alone with it; it says so again long before. Another one takes over after it.
pub const RELAY_TURN: Duration = Duration::from_secs(5);
/// Time after which it says so again.
pub const RELAY_TURN_KEPT: Duration = Duration::from_millis(1_500);
/// Time between two looks into the outbox of a relay when nobody says that there is something new.
pub const RELAY_LOOK: Duration = Duration::from_secs(1);
/// Time between two looks at transactions that wait for a block.
pub const RELAY_BLOCK_LOOK: Duration = Duration::from_millis(200);
/// Time between two looks whether the blocks of mined changes are still part of the chain.
pub const RELAY_SETTLE_LOOK: Duration = Duration::from_secs(3);
/// Longest pause after a failure of the chain.
pub const RELAY_BACKOFF_MOST: Duration = Duration::from_secs(5);
/// Time after which a transaction that waits for a block is signed again with a higher fee.
pub const RELAY_STUCK: Duration = Duration::from_secs(60);
/// Transactions of a relay that wait for a block at the same time.
pub const RELAY_IN_FLIGHT: usize = 32;
/// Rows of the outbox that one look reads.
pub const RELAY_ROWS: i64 = 256;
/// Blocks behind that of a transaction after which nobody expects the chain to be re-organised.
pub const RELAY_SETTLED_BLOCKS: u64 = 12;
/// Time after which the same is expected of a chain that makes no blocks.
pub const RELAY_SETTLED: Duration = Duration::from_secs(10 * 60);
/// Changes that the relay brings into the table at the same time.
pub const RELAY_WRITES: usize = 256;
/// Age of a change in the outbox from which an operator has to look.
pub const RELAY_LATE: Duration = Duration::from_secs(5 * 60);
/// Longest time that a command waits for a round of the relay.
pub const RELAY_PATIENCE: Duration = Duration::from_secs(5);
/// Streams of events of the interface `/v1` that are open at the same time.
pub const API_STREAMS: usize = 1024;
/// Streams of one address, so that nobody shuts the others out; a proxy in front of many is one address as well.
pub const API_STREAMS_PER_HOST: usize = 768;
/// Events that are kept for streams that are slower than others; what is older comes from the history.
pub const API_EVENTS: usize = 16_384;
/// Bytes of those events.
pub const API_EVENT_BYTES: usize = 4 * 1024 * 1024;
/// Time between two looks at the node for the streams.
pub const API_LOOK: Duration = Duration::from_secs(1);
/// Time after which a stream says that it is still there.
pub const API_SILENCE: Duration = Duration::from_secs(15);
/// Bytes of the answers to requests with a key that are kept.
pub const API_KEYS: u64 = 16 * 1024 * 1024;
/// Time for which the answer to a request with a key is kept.
pub const API_KEY_TIME: Duration = Duration::from_secs(15 * 60);
/// Words that are offered for one place of a line.
pub const COMPLETION_CANDIDATES: usize = 200;
/// Policies whose id and text are looked at for one completion.
pub const COMPLETION_LOOKED_AT: usize = 200_000;
/// Policies that are read for one completion, which takes some milliseconds.
pub const COMPLETION_READ: usize = 2000;
/// Policies of a type whose attributes stand for those of all.
pub const COMPLETION_SAMPLE: usize = 200;
/// Characters of the longest value of an attribute that is offered.
pub const COMPLETION_VALUE: usize = 120;
/// Bytes of the longest line that is completed for another process, percent-encoded.
pub const COMPLETION_LINE: usize = 16 * 1024;
/// Time that a node behind a connection gets to say what the Tab key offers.
pub const COMPLETION_TIME: Duration = Duration::from_secs(2);
/// Bytes of a reply from which on it counts among the large answers that are on their way.
pub const REST_LARGE_REPLY: usize = 64 * 1024;
/// Bytes of a result that is shown as a page (`into = html`).
pub const REST_PAGE: usize = 1024 * 1024;
/// Bytes of a result whose page is made where other callers are served.
pub const REST_PAGE_AT_ONCE: usize = 16 * 1024;
/// Targets of one request of the Grafana connector.
pub const GRAFANA_TARGETS: usize = 64;
/// Types of policies whose places one of its maps shows.
pub const GRAFANA_MEMBERS: usize = 64;
/// Columns of one of its tables.
pub const GRAFANA_COLUMNS: usize = 512;
/// Cells of one of its tables.
pub const GRAFANA_CELLS: usize = 1_000_000;
/// Bytes of the answers to one of its requests together.
pub const GRAFANA_BYTES: usize = 32 * 1024 * 1024;
/// Time for which a ledger that a member did not ask for keeps its place among [`MEMBER_PUSHES`]; one that takes longer
/// goes on without it, so that members that are slow do not hold up the others.
pub const MEMBER_PUSH_PLACE: Duration = Duration::from_secs(10);
/// Ledgers on their way to members that did not ask, those without a place among them: half of [`PEER_QUEUES`], so that
/// answers always have queues.
pub const MEMBER_PUSHES_UNDER_WAY: usize = PEER_QUEUES / 2;
/// Time that a ledger which nobody asked for has to arrive once the node stops.
pub const MEMBER_PUSH_AT_STOP: Duration = Duration::from_secs(1);
/// Time that the disk gets to take the book when the node stops.
pub const MEMBERS_KEPT_AT_STOP: Duration = Duration::from_secs(2);
/// Least time that each address of a name has to take a connection before the next one is tried.
pub const PEER_CONNECT_SHARE: Duration = Duration::from_secs(1);
/// Time that one question to the history of a SQLite file may take.
pub const HISTORY_TIME: Duration = Duration::from_secs(10);
/// Time that such a question, or a statement of `sql`, may take where it holds up whoever writes the file.
pub const HELD_UP_TIME: Duration = Duration::from_millis(500);
