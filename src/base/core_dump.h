// What a core dump contains. Of a server with a hundred gigabytes of data it would be a hundred gigabytes, all of them
// somebody's data, and the process would not be gone before they are written. Without them a core still has the stack,
// the registers and the global variables, which is what tells where and why the process ended.
#pragma once

namespace torc::base {

// From now on the kernel leaves all memory that can be written out of a core dump of this process: heaps, buffers,
// other threads' stacks. Kept are global variables, the main thread's stack, and what follows stack_pointer: of the
// stack that it points into only the part in use. Does not allocate, so that a crash may call it. False: the mappings
// cannot be read, and nothing has changed.
bool leave_heaps_out_of_core(const void* stack_pointer) noexcept;

}  // namespace torc::base
