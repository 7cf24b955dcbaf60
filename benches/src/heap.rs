//! Counts what the running thread asks of the heap.
//!
//! Unlike the published counters it hands `realloc` and `alloc_zeroed` on as such: a vector that grows must not be copied
//! because somebody counts, or every fold is measured too slow.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::alloc::System;
use std::cell::Cell;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often this thread allocated, a growth included.
pub(crate) fn calls() -> u64 {
    CALLS.get()
}

/// How many bytes this thread allocated and did not free.
pub(crate) fn held() -> i64 {
    HELD.get()
}

fn count(size: usize) {
    CALLS.set(CALLS.get() + 1);
    HELD.set(HELD.get().wrapping_add_unsigned(size as u64));
}

fn uncount(size: usize) {
    HELD.set(HELD.get().wrapping_sub_unsigned(size as u64));
}

// SAFETY: every call is handed on to the system's allocator as it is. The counters are plain numbers of the thread: they
// neither allocate nor need to be dropped.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        uncount(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        uncount(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(at, layout) }
    }
}
