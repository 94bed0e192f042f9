//! Who sends commands, with which rights, and what belongs to that caller alone.

use crate::reply::{Code, Notice, Reply};
use secrecy::SecretString;
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
    /// A task of the scheduler: it may do what who made it may.
    Scheduler {
        /// Where the command that made it came from.
        made_by: Arc<Origin>,
    },
    /// A REST request.
    Rest {
        /// Address of the caller.
        caller: IpAddr,
        /// Name of the user or token, when the request carried one.
        user: Option<String>,
        /// True when a web page of another origin sent it.
        is_foreign: bool,
    },
    /// A message of another node.
    Peer {
        /// Source address as announced in the message's header (the `host` of a policy).
        host: String,
        /// Port of the source address, as announced as well.
        port: u32,
        /// Address of the connection.
        caller: IpAddr,
    },
}

impl Origin {
    /// Tells whether the text came over the network, and what is answered goes there.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        matches!(self, Self::Rest { .. } | Self::Peer { .. })
    }

    /// Returns who is behind it: who made a task, else who sent the text.
    #[must_use]
    pub fn source(&self) -> &Self {
        match self {
            Self::Scheduler { made_by } => made_by.source(),
            other => other,
        }
    }

    /// Tells whether somebody on the network is behind it.
    #[must_use]
    pub fn is_from_network(&self) -> bool {
        self.source().is_remote()
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

/// Through which door a command came; with the kind of the command it decides what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A message of another node.
    Peer,
    /// A REST caller with the role read.
    RestRead,
    /// A REST caller with the role publish.
    RestPublish,
    /// A REST caller with the role admin; everybody where AUTH is off.
    RestAdmin,
    /// A web page of another origin.
    OtherOrigin,
    /// The console of the node.
    Prompt,
    /// The boot: its plan, and the scripts and commands it was given.
    Boot,
}

impl Door {
    /// All of them, in the order of the table of rights.
    pub const ALL: [Self; 7] =
        [Self::Peer, Self::RestRead, Self::RestPublish, Self::RestAdmin, Self::OtherOrigin, Self::Prompt, Self::Boot];

    /// Returns the door of a REST caller.
    #[must_use]
    pub const fn rest(role: Role, is_foreign: bool) -> Self {
        match (is_foreign, role) {
            (true, _) => Self::OtherOrigin,
            (false, Role::Read) => Self::RestRead,
            (false, Role::Publish) => Self::RestPublish,
            (false, Role::Admin | Role::Local) => Self::RestAdmin,
        }
    }

    /// Returns the name that people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Peer => "member (TCP)",
            Self::RestRead => "REST read",
            Self::RestPublish => "REST publish",
            Self::RestAdmin => "REST admin",
            Self::OtherOrigin => "other web origin",
            Self::Prompt => "prompt",
            Self::Boot => "boot",
        }
    }
}

/// Who asked for something that runs later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Where the command came from.
    pub origin: Arc<Origin>,
    /// What its sender may do.
    pub role: Role,
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

    /// Tells why the command of a caller elsewhere was refused, who gets the answer itself.
    fn refused(&self, notice: &Notice) {
        self.notice(notice);
    }

    /// Tells people what a command did that answers nothing.
    fn done(&self, _notice: &Notice) {}
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
    /// What was typed unseen for the command that runs now, because it asked for it (`private_key = ?`).
    pub secret: Option<SecretString>,
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
            secret: None,
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

    /// Returns who asks, for what runs later in its name.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { origin: Arc::new(self.origin.source().clone()), role: self.role }
    }

    /// Returns the door through which the commands came.
    #[must_use]
    pub fn door(&self) -> Door {
        match self.origin.source() {
            Origin::Peer { .. } => Door::Peer,
            Origin::Rest { is_foreign, .. } => Door::rest(self.role, *is_foreign),
            Origin::Plan | Origin::Boot => Door::Boot,
            Origin::Prompt | Origin::Scheduler { .. } => Door::Prompt,
        }
    }

    /// Creates a session of this machine's own people and services, with every right.
    #[must_use]
    pub fn local(origin: Origin, output: Arc<dyn Output>, thread: &str) -> Self {
        Self::new(origin, Role::Local, output, thread.to_owned())
    }
}
