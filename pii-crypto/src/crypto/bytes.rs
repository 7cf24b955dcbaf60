//! Length-prefixed bytes: one injective map from fields to bytes for associated data, rows and receipts.

use super::Broken;

/// Appends a text with its length in two bytes. Ids and codes are bounded well below 64 KiB.
pub(crate) fn put_l16(out: &mut Vec<u8>, text: &[u8]) {
    out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(text);
}

/// Reads what [`put_l16`] and plain integers wrote.
pub(crate) struct Cursor<'b>(pub(crate) &'b [u8]);

impl<'b> Cursor<'b> {
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Broken)?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Broken> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Broken> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Broken> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn l16(&mut self) -> Result<&'b str, Broken> {
        let len = usize::from(u16::from_be_bytes(self.array()?));
        let (head, tail) = self.0.split_at_checked(len).ok_or(Broken)?;
        self.0 = tail;
        core::str::from_utf8(head).map_err(|_| Broken)
    }

    pub(crate) const fn end(&self) -> Result<(), Broken> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Broken)
        }
    }
}
