//! Who sends commands, with which rights, and what belongs to that caller alone.

use crate::reply::{Code, Notice, Reply};
use std::{borrow::Cow, collections::HashMap, net::IpAddr, sync::Arc};

/// Where the text of a command came from (reference/command-language 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The built-in boot plan.
    Plan,
    /// Program arguments and scripts of the boot.
    Boot,
    /// The prompt on the container's terminal, `anylog-master prompt` and `exec`.
    Prompt,
    /// A task of the scheduler.
    Scheduler,
    /// A REST request.
    Rest {
        /// Address of the caller.
        caller: IpAddr,
        /// Name of the user or token, when the request carried one.
        user: Option<String>,
    },
    /// A message of another node.
    Peer {
        /// Source address as announced in the message's header (the `host` of a policy).
        host: String,
        /// Address of the connection.
        caller: IpAddr,
    },
}

impl Origin {
    /// Tells whether the text came over the network.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        matches!(self, Self::Rest { .. } | Self::Peer { .. })
    }
}

/// What a caller may do; each step includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Commands that only read.
    Read,
    /// Also commands that change policies and variables.
    Publish,
    /// Also commands that change the node.
    Admin,
    /// Everything that is switched on: prompt, boot, scheduler.
    Local,
}

/// Shows people what happens while commands run. It gets data and decides how they look.
pub trait Output: Send + Sync {
    /// Shows the reply of a command that a script, a policy or a task ran; an empty one shows nothing.
    fn show(&self, reply: &Reply);

    /// Tells what a command has to say beside its reply.
    fn notice(&self, notice: &Notice);

    /// Tells what happened in the background, where nobody waits for it.
    fn background(&self, notice: &Notice) {
        self.notice(notice);
    }
}

/// One caller: its origin, its rights, its last condition, its own variables.
#[derive(Clone)]
pub struct Session {
    /// Where the commands come from.
    pub origin: Origin,
    /// What they may do.
    pub role: Role,
    /// Result of the last `if` (reference/command-language 9, "The flag").
    pub flag: bool,
    /// Variables set by this request; they are looked up before the dictionary (reference/rest 2.3).
    pub locals: Option<HashMap<String, String>>,
    /// Node that the prompt is assigned to by `run client (…)`.
    pub destination: Option<String>,
    /// Depth of scripts that run scripts.
    pub depth: usize,
    /// Depth of commands that run commands: `if … then`, `do`, `else`.
    pub nested: usize,
    /// True while a script shows its lines (`set debug on`).
    pub debug: bool,
    /// Code of the error that people were told last for this command: several levels of it may report the same one.
    pub reported: Option<Code>,
    /// Where plain output goes.
    pub output: Arc<dyn Output>,
    /// Name in the logs' thread column.
    pub thread: Cow<'static, str>,
}

impl Session {
    /// Creates a session that has run no command and has no variables of its own.
    #[must_use]
    pub fn new(origin: Origin, role: Role, output: Arc<dyn Output>, thread: impl Into<Cow<'static, str>>) -> Self {
        Self {
            origin,
            role,
            flag: false,
            locals: None,
            destination: None,
            depth: 0,
            nested: 0,
            reported: None,
            debug: false,
            output,
            thread: thread.into(),
        }
    }

    /// Creates a session of this machine's own people and services, with every right.
    #[must_use]
    pub fn local(origin: Origin, output: Arc<dyn Output>, thread: &str) -> Self {
        Self::new(origin, Role::Local, output, thread.to_owned())
    }
}
