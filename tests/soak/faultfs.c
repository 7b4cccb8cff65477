/* faultfs: stands between a program and the file system, for tests of what a store survives.
 *
 *     cc -shared -fPIC -O1 -o faultfs.so faultfs.c -ldl
 *     FAULTFS_ROOT=/some/folder LD_PRELOAD=./faultfs.so program
 *
 * It looks at calls that concern files below FAULTFS_ROOT, and lets all others through. Nothing happens until the program, which
 * finds the functions below with dlsym (or ctypes), says what it wants:
 *
 *     faultfs_arm(action, at, error, mask)   counts from now on; the call number `at`, from 1, meets its fate
 *     faultfs_disarm()                       all is as ever; the number of calls that were counted
 *     faultfs_mark(text)                     puts a note among what is recorded
 *     faultfs_journal(&size)                 what was done since it was armed
 *
 * The journal holds every change, in order, with its bytes: from it any state can be built that a disk may hold after a power cut.
 * While it is armed, syncs are noted and not carried out: the model of the disk asks for nothing else, and they are slow.
 *
 * For one thread. What is mapped into memory (the -shm file of SQLite) is not seen; SQLite rebuilds that file after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* What the numbered call meets; FAIL_ON is followed by the failure of every later call. */
enum action { COUNT, FAIL_ONCE, FAIL_ON, KILL_BEFORE, KILL_TORN, KILL_AFTER };

/* What a call is; the bit (1 << kind) in the mask says that it is counted. FAILED_SYNC and MARK are only ever in the journal. */
enum kind { OPEN, READ, WRITE, TRUNCATE, SYNC, UNLINK, RENAME, MKDIR, RMDIR, FAILED_SYNC, MARK };

#define MOST_FILES 4096
#define JOURNAL_ROOM ((size_t)1 << 28)
static const char *root;
static char is_ours[MOST_FILES]; /* by file descriptor */
static struct {
    int is_armed, action, error;
    unsigned mask;
    long at, calls;
} plan;
static struct {
    size_t size;
    char text[JOURNAL_ROOM];
} * journal;

/* One entry: this, then the name, then the bytes. */
struct entry {
    int32_t kind, descriptor, name_size, other; /* other: 1 when an open made the file, 2 when it emptied it, 3 for both */
    int64_t call, offset, byte_count;
};

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) abort();
    return found;
}

/* The journal is shared with forked children: when one of them was killed, its parent can tell what it had done. */
__attribute__((constructor)) static void begin(void) {
    root = getenv("FAULTFS_ROOT");
    journal = mmap(NULL, sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (journal == MAP_FAILED) abort();
}

static int knows(int descriptor) { return descriptor >= 0 && descriptor < MOST_FILES && is_ours[descriptor]; }

static int concerns(int folder, const char *path) {
    if (!plan.is_armed || root == NULL || path == NULL) return 0;
    return path[0] == '/' ? strncmp(path, root, strlen(root)) == 0 : knows(folder);
}

static void add(const void *bytes, size_t size) {
    if (journal->size + size > JOURNAL_ROOM) abort();
    memcpy(journal->text + journal->size, bytes, size);
    journal->size += size;
}

static void note(enum kind kind, int descriptor, const char *name, int other, off_t offset, const void *bytes, size_t count) {
    struct entry entry = {kind, descriptor, (int32_t)strlen(name), other, plan.calls, offset, (int64_t)count};
    add(&entry, sizeof entry);
    add(name, strlen(name));
    if (bytes != NULL) add(bytes, count);
}

static void die(void) { kill(getpid(), SIGKILL); }

/* Counts a call that is about to happen. Whether it fails; errno is then set. */
static int fails(enum kind kind) {
    if (!(plan.mask & (1u << kind))) return 0;
    plan.calls++;
    if (plan.calls == plan.at && (plan.action == KILL_BEFORE || (plan.action == KILL_TORN && kind != WRITE))) die();
    if (plan.action == FAIL_ONCE ? plan.calls != plan.at : plan.action != FAIL_ON || plan.calls < plan.at) return 0;
    errno = plan.error;
    return 1;
}

/* After a call that was counted. */
static void done(enum kind kind) {
    if ((plan.mask & (1u << kind)) && plan.calls == plan.at && plan.action == KILL_AFTER) die();
}

/* ------------------------------------------------------------------------------------------------ what the program asks of us */

void faultfs_arm(int action, long at, int error, unsigned mask) {
    plan.is_armed = 1, plan.action = action, plan.at = at, plan.error = error, plan.mask = mask, plan.calls = 0;
    journal->size = 0;
}

long faultfs_disarm(void) {
    plan.is_armed = 0;
    return plan.calls;
}

void faultfs_mark(const char *text) { note(MARK, -1, text, 0, 0, NULL, 0); }

const char *faultfs_journal(size_t *size) {
    *size = journal->size;
    return journal->text;
}

/* --------------------------------------------------------------------------------------- what the program asks of the system */

int openat64(int folder, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int is_seen = concerns(folder, path);
    if (is_seen && fails(OPEN)) return -1;
    int was_there = is_seen && faccessat(folder, path, F_OK, 0) == 0;
    int descriptor = REAL(openat64)(folder, path, flags, mode);
    if (descriptor >= 0 && descriptor < MOST_FILES) is_ours[descriptor] = is_seen;
    if (is_seen && descriptor >= 0) {
        note(OPEN, descriptor, path, (was_there ? 0 : 1) | ((flags & O_TRUNC) ? 2 : 0), folder, NULL, 0);
        done(OPEN);
    }
    return descriptor;
}

#define PASS_MODE(flags) \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = ((flags) & O_CREAT) ? va_arg(rest, mode_t) : 0; \
    va_end(rest)

int openat(int folder, const char *path, int flags, ...) {
    PASS_MODE(flags);
    return openat64(folder, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    PASS_MODE(flags);
    return openat64(AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    PASS_MODE(flags);
    return openat64(AT_FDCWD, path, flags, mode);
}

int close(int descriptor) {
    if (knows(descriptor)) is_ours[descriptor] = 0;
    return REAL(close)(descriptor);
}

static int is_seen(int descriptor) { return plan.is_armed && knows(descriptor); }

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    if (!is_seen(descriptor)) return REAL(pwrite64)(descriptor, bytes, count, offset);
    if (fails(WRITE)) return -1;
    if (plan.calls == plan.at && plan.action == KILL_TORN) {
        REAL(pwrite64)(descriptor, bytes, count / 2, offset);
        note(WRITE, descriptor, "", 0, offset, bytes, count / 2);
        die();
    }
    ssize_t written = REAL(pwrite64)(descriptor, bytes, count, offset);
    if (written >= 0) {
        note(WRITE, descriptor, "", 0, offset, bytes, (size_t)written);
        done(WRITE);
    }
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (!is_seen(descriptor)) return REAL(write)(descriptor, bytes, count);
    int is_appended = fcntl(descriptor, F_GETFL) & O_APPEND;
    off64_t offset = lseek64(descriptor, 0, is_appended ? SEEK_END : SEEK_CUR);
    ssize_t written = pwrite64(descriptor, bytes, count, offset);
    if (written >= 0) lseek64(descriptor, offset + written, SEEK_SET);
    return written;
}

ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
    if (is_seen(descriptor) && fails(READ)) return -1;
    return REAL(pread64)(descriptor, bytes, count, offset);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) { return pread64(descriptor, bytes, count, offset); }

ssize_t read(int descriptor, void *bytes, size_t count) {
    if (is_seen(descriptor) && fails(READ)) return -1;
    return REAL(read)(descriptor, bytes, count);
}

/* A copy inside the kernel is refused, as some file systems do, so that the program copies by write. */
ssize_t sendfile64(int to, int from, off64_t *offset, size_t count) {
    ssize_t (*next)(int, int, off64_t *, size_t) = (ssize_t (*)(int, int, off64_t *, size_t))real("sendfile64");
    if (!is_seen(to) && !is_seen(from)) return next(to, from, offset, count);
    errno = ENOTSOCK;
    return -1;
}

int ftruncate64(int descriptor, off64_t size) {
    if (is_seen(descriptor) && fails(TRUNCATE)) return -1;
    int result = REAL(ftruncate64)(descriptor, size);
    if (is_seen(descriptor) && result == 0) {
        note(TRUNCATE, descriptor, "", 0, size, NULL, 0);
        done(TRUNCATE);
    }
    return result;
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

static int synced(int descriptor) {
    if (fails(SYNC)) {
        note(FAILED_SYNC, descriptor, "", 0, 0, NULL, 0);
        return -1;
    }
    note(SYNC, descriptor, "", 0, 0, NULL, 0);
    done(SYNC);
    return 0;
}

int fsync(int descriptor) { return is_seen(descriptor) ? synced(descriptor) : REAL(fsync)(descriptor); }

int fdatasync(int descriptor) { return is_seen(descriptor) ? synced(descriptor) : REAL(fdatasync)(descriptor); }

static int named(enum kind kind, int folder, const char *path, int result) {
    if (result == 0) {
        note(kind, folder, path, 0, 0, NULL, 0);
        done(kind);
    }
    return result;
}

int unlinkat(int folder, const char *path, int flags) {
    enum kind kind = (flags & AT_REMOVEDIR) ? RMDIR : UNLINK;
    if (!concerns(folder, path)) return REAL(unlinkat)(folder, path, flags);
    if (fails(kind)) return -1;
    return named(kind, folder, path, REAL(unlinkat)(folder, path, flags));
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
    if (!concerns(folder, path)) return REAL(mkdirat)(folder, path, mode);
    if (fails(MKDIR)) return -1;
    return named(MKDIR, folder, path, REAL(mkdirat)(folder, path, mode));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int rename(const char *from, const char *to) {
    if (!concerns(AT_FDCWD, from)) return REAL(rename)(from, to);
    if (fails(RENAME)) return -1;
    int result = REAL(rename)(from, to);
    if (result == 0) {
        note(RENAME, AT_FDCWD, from, 0, 0, to, strlen(to));
        done(RENAME);
    }
    return result;
}
