//! The key store on a real SQLite file.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod port;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod vault;
