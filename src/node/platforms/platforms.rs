//! The platforms of the node.

use super::{
    connected::ConnectedPlatform,
    error::PlatformError,
    platform::{ChainOptions, PlatformMaker},
    platform_name::PlatformName,
    provider::Provider,
};
use arc_swap::ArcSwap;
use std::sync::Arc;

/// The platforms that are connected, in the order in which they were. A node without one pays nothing for them.
pub struct Platforms {
    connected: ArcSwap<Vec<Arc<ConnectedPlatform>>>,
    maker: Arc<dyn PlatformMaker>,
    options: ChainOptions,
}

impl Platforms {
    /// Creates the list, with none connected.
    #[must_use]
    pub fn new(maker: Arc<dyn PlatformMaker>, options: ChainOptions) -> Self {
        Self { connected: ArcSwap::default(), maker, options }
    }

    /// Returns what makes accounts and opens keystores.
    #[must_use]
    pub fn maker(&self) -> &dyn PlatformMaker {
        &*self.maker
    }

    /// Connects a platform when its provider answers.
    ///
    /// # Errors
    /// [`PlatformError::AlreadyConnected`], and those of [`super::Platform::client_version`].
    pub async fn connect(
        &self,
        name: PlatformName,
        provider: Provider,
    ) -> Result<Arc<ConnectedPlatform>, PlatformError> {
        self.check_free(name)?;
        let platform = self.made(name, provider)?;
        platform.client().client_version().await?;
        self.add(platform)
    }

    /// Connects a platform whose provider may be away: a master that starts again serves its last good copy until it answers.
    ///
    /// # Errors
    /// [`PlatformError::AlreadyConnected`].
    pub fn declare(&self, name: PlatformName, provider: Provider) -> Result<Arc<ConnectedPlatform>, PlatformError> {
        self.check_free(name)?;
        self.add(self.made(name, provider)?)
    }

    /// Returns a connected platform by the name that a command has.
    ///
    /// # Errors
    /// [`PlatformError::NoSuchPlatform`], [`PlatformError::NotConnected`].
    pub fn named(&self, name: &str) -> Result<Arc<ConnectedPlatform>, PlatformError> {
        self.get(name.parse().map_err(|()| PlatformError::NoSuchPlatform(name.to_owned()))?)
    }

    /// Returns a connected platform.
    ///
    /// # Errors
    /// [`PlatformError::NotConnected`].
    pub fn get(&self, name: PlatformName) -> Result<Arc<ConnectedPlatform>, PlatformError> {
        self.find(name).ok_or(PlatformError::NotConnected(name))
    }

    /// Returns all of them.
    #[must_use]
    pub fn all(&self) -> Arc<Vec<Arc<ConnectedPlatform>>> {
        self.connected.load_full()
    }

    fn find(&self, name: PlatformName) -> Option<Arc<ConnectedPlatform>> {
        self.connected.load().iter().find(|platform| platform.name() == name).cloned()
    }

    fn check_free(&self, name: PlatformName) -> Result<(), PlatformError> {
        self.find(name).map_or(Ok(()), |_| Err(PlatformError::AlreadyConnected(name)))
    }

    fn made(&self, name: PlatformName, provider: Provider) -> Result<Arc<ConnectedPlatform>, PlatformError> {
        ConnectedPlatform::new(name, provider, self.options, Arc::clone(&self.maker)).map(Arc::new)
    }

    /// Adds a platform, unless another command was faster.
    fn add(&self, platform: Arc<ConnectedPlatform>) -> Result<Arc<ConnectedPlatform>, PlatformError> {
        let mut is_added = false;
        self.connected.rcu(|connected| {
            is_added = connected.iter().all(|known| known.name() != platform.name());
            let added = is_added.then(|| Arc::clone(&platform));
            connected.iter().cloned().chain(added).collect::<Vec<_>>()
        });
        if is_added { Ok(platform) } else { Err(PlatformError::AlreadyConnected(platform.name())) }
    }
}
