//! The key store on a real SQLite file.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod port;
#[cfg(test)]
mod vault;
