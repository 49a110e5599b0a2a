// What a core dump contains. Of a server with a hundred gigabytes of data it would be a hundred gigabytes, all of them
// somebody's data, and the process would not be gone before they are written. Without them a core still has the stack,
// the registers and the global variables, which is what tells where and why the process ended.
#pragma once

namespace torc::base {

// From now on the kernel leaves memory that belongs to no file out of a core dump of this process: all heaps. Kept are
// the main thread's stack, the stack (or whatever it is) that stack_pointer points into, and global variables. Does not
// allocate, so that a crash may call it. False: the mappings cannot be read, and nothing has changed.
bool leave_heaps_out_of_core(const void* stack_pointer) noexcept;

}  // namespace torc::base
