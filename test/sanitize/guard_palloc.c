/*
 * guard_palloc.c
 *	  palloc for a module that is built with AddressSanitizer: what lies behind
 *	  an allocation must not be touched.
 *
 * A memory context cuts small allocations out of blocks that it got from
 * malloc, so that the sanitizer sees nothing wrong in writing over the end of
 * one.  Linked with --wrap, the module's own allocations come here instead and
 * are made so large that each is a block of its own; what was not asked for is
 * poisoned.  Such a block goes back to malloc when it is freed, and its poison
 * with it.
 *
 * "make check-sanitize" puts this file into its copy of extension/.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include <sanitizer/asan_interface.h>

/* above what any memory context keeps for later (ALLOC_CHUNK_LIMIT) */
#define OWN_BLOCK	(16 * 1024)

extern void *__real_MemoryContextAlloc(MemoryContext context, Size size);
extern void *__wrap_MemoryContextAlloc(MemoryContext context, Size size);
extern void *__wrap_palloc(Size size);

void *
__wrap_MemoryContextAlloc(MemoryContext context, Size size)
{
	Size		whole = Max(size, OWN_BLOCK) + MAXIMUM_ALIGNOF;
	char	   *memory;

	if (!AllocSizeIsValid(whole))
		return __real_MemoryContextAlloc(context, size);

	memory = __real_MemoryContextAlloc(context, whole);
	__asan_poison_memory_region(memory + size, whole - size);
	return memory;
}

void *
__wrap_palloc(Size size)
{
	return __wrap_MemoryContextAlloc(CurrentMemoryContext, size);
}
