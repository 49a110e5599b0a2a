"""What only src/io and src/base may do: talk to the operating system, allocate raw memory, ask for time or chance.

A name counts as a call when a parenthesis follows and it is neither a member (x.read, x->read), nor qualified by a
type (File::read), nor being declared; a file that declares something of that name may call it unqualified, since
its own name hides the C library's. What text cannot see the object check can: objects.py looks at what the linker
would be asked.
"""

import re
from collections.abc import Iterator

from linting import floors, scopes
from linting.source import Finding, Source

ALLOWED_FOLDERS = ("base", "io")

FILES = """access chdir chmod chown close closedir copy_file_range creat dup dup2 dup3 fallocate fchdir fchmod
    fclose fcntl fdatasync fdopen fflush fgets flock fopen fputs fread fseek fstat fsync ftruncate fwrite
    getcwd getline ioctl link lseek lstat mkdir mkstemp open openat opendir pipe pipe2 posix_fadvise
    posix_fallocate pread preadv pwrite pwritev read readdir readlink readv realpath remove rename renameat
    rmdir sendfile splice stat statx sync sync_file_range symlink truncate umask unlink unlinkat write
    writev""".split()
NETWORK = """accept accept4 bind connect epoll_create1 epoll_ctl epoll_wait freeaddrinfo getaddrinfo
    gethostbyname getnameinfo getpeername getsockname getsockopt listen poll ppoll recv recvfrom recvmsg
    select send sendmsg sendto setsockopt shutdown socket socketpair inet_ntop inet_pton""".split()
PROCESS = """_exit abort atexit clone daemon dlopen dlsym execl execv execve execvp exit eventfd fork futex
    getenv geteuid getpid getppid getrlimit getrusage getuid kill madvise mlock mmap mprotect mremap munmap
    popen prctl pthread_create quick_exit raise sched_setaffinity setenv setlocale setrlimit setsid sigaction
    signal sigprocmask syscall sysconf sysinfo syslog system timer_create timerfd_create uname vfork wait
    waitpid""".split()
TIME_AND_CHANCE = """clock clock_gettime ctime getentropy getrandom gettimeofday gmtime localtime localtime_r
    mktime nanosleep rand rand_r random sleep srand srandom strftime time tzset usleep""".split()
MEMORY = """aligned_alloc alloca calloc free malloc malloc_usable_size memalign posix_memalign realloc
    reallocarray mi_malloc mi_free mi_realloc strdup strndup""".split()
PRINTING = """dprintf fprintf perror printf putchar puts scanf snprintf sprintf sscanf vfprintf vprintf
    vsnprintf vsprintf""".split()
CALLS = frozenset(FILES + NETWORK + PROCESS + TIME_AND_CHANCE + MEMORY + PRINTING)

ANY_NAME = "(?P<name>" + "|".join(sorted(CALLS)) + r")"
CALL = re.compile(r"(?<![\w.:])(?P<qualifier>\w*::(?:\w+::)*)?" + ANY_NAME + r"\s*\(")
OBJECT = re.compile(r"(?<![\w.:>])" + ANY_NAME + r"\b(?!\s*\()")
GLOBAL_QUALIFIERS = ("::", "std::", "::std::")
# In front of a call these are statements; any other word in front of a name makes it a declaration.
STATEMENT_WORDS = {"return", "co_return", "co_await", "co_yield", "else", "do", "case", "and", "or", "not", "in"}

# What lies in packed memory (a word of a table, a header in front of bytes) cannot be a smart pointer.
PACKING_FOLDERS = ("ds", "store")
WORDS = (
    (re.compile(r"\bthrow\b"), "throw: expected failures are values (std::expected); nothing throws"),
    (re.compile(r"\bthread_local\b"), "thread_local: state belongs to an object"),
    (re.compile(r"\bnew\s+[\w:<>]+\s*\["), "new[]: use a container or a blob"),
)
# An operation that nobody owns may end itself: delete this.
DELETE = (re.compile(r"(?<!=)(?<!= )(?<!operator )\bdelete\b(?!\s+this\b)"),
          "delete: ownership is a type's business (std::unique_ptr, a container)")
NOW = re.compile(r"\b\w*clock::now\s*\(")
# sys/uio.h declares iovec, which is only a type.
INCLUDES = re.compile(r"^(?:sys/(?!uio\.h)\w+\.h|linux/.*|liburing.*|netinet/.*|arpa/.*|netdb\.h|poll\.h|fcntl\.h"
                      r"|unistd\.h|dlfcn\.h|signal\.h|csignal|pthread\.h|sched\.h|iostream|fstream|filesystem|random"
                      r"|mimalloc.*)$")


def applies(source: Source) -> bool:
    folder = floors.folder_of(source.path)
    return source.is_cpp and folder is not None and folder not in ALLOWED_FOLDERS


def check(source: Source) -> Iterator[Finding]:
    if not applies(source):
        return
    yield from check_calls(source)
    yield from check_words(source)
    for line, _, path in floors.includes(source):
        if INCLUDES.match(path):
            yield source.at(line, f"<{path}>: only src/io and src/base talk to the operating system")


def check_calls(source: Source) -> Iterator[Finding]:
    matches = list(CALL.finditer(source.code))
    own_names = {match["name"] for match in matches if is_declaration(source.code, match)}
    own_names |= {match["name"] for match in OBJECT.finditer(source.code)}
    for match in matches:
        if match["qualifier"] is None and match["name"] in own_names or is_harmless(source.code, match):
            continue
        yield source.at_offset(match.start("name"), f"{match['name']}() belongs to src/io or src/base")
    for match in NOW.finditer(source.code):
        yield source.at_offset(match.start(), "time comes from base::Clock")


def is_harmless(code: str, match: re.Match) -> bool:
    """A member, a name of another scope, or the algorithm std::remove."""
    before = code[:match.start()].rstrip()
    if match["qualifier"] is None:
        return before.endswith("->")
    if match["qualifier"] == "::":
        return before.endswith(">")  # Table<int>::read
    return match["qualifier"] not in GLOBAL_QUALIFIERS or match["name"] == "remove"


def is_declaration(code: str, match: re.Match) -> bool:
    """Whether a type stands in front of the name: a word that is no statement, or a `*`, `&`, `>` glued to one."""
    if match["qualifier"] in GLOBAL_QUALIFIERS:
        return False
    before = code[max(0, match.start() - 200):match.start()]
    word = re.search(r"([A-Za-z_]\w*)\s+$", before)
    if word:
        return word[1] not in STATEMENT_WORDS
    return re.search(r"[\w>\]][*&>]+\s+$", before) is not None


def check_words(source: Source) -> Iterator[Finding]:
    code = scopes.without_directives(source.code)
    patterns = WORDS if floors.folder_of(source.path) in PACKING_FOLDERS else (*WORDS, DELETE)
    for pattern, message in patterns:
        for match in pattern.finditer(code):
            yield source.at_offset(match.end() - 1, message)
