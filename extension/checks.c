/*
 * checks.c
 *		Checking arguments, before anything is allocated or written.
 *
 * A NULL argument raises 22004, one out of range 22023; the message names the
 * argument and the limit, for an array the detail gives the position.
 */
#include "checks.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/qunique.h"
#include "miscadmin.h"
#include "module.h"
#include "utils/builtins.h"

/*
 * Raises 25006 in a transaction that is read only.
 */
void
CheckMayWrite(const char *function)
{
	if (XactReadOnly)
		PreventCommandIfReadOnly(psprintf("dbos_payload.%s()", function));
}

/*
 * Raises an error where the argument is NULL.
 */
void
CheckNotNull(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

/*
 * Raises an error unless a text, which has one byte at least, or a payload has
 * min to max bytes.  position is its place in an array, counted from 1, or 0.
 */
static void
CheckBytes(int64 bytes, const char *name, int min, int max, int position)
{
	if (bytes >= min && bytes <= max)
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be between %d and %d bytes", name, min, max),
			 position > 0 ?
			 errdetail("Element %d has %lld bytes.", position, (long long) bytes) :
			 errdetail("The given one has %lld bytes.", (long long) bytes),
			 min > 0 || bytes < 0 ? 0 :
			 errhint("A superuser can raise dbos_payload.max_payload_bytes to at most %d.",
					 MAX_MAX_PAYLOAD_BYTES)));
}

static text *
CheckedText(FunctionCallInfo fcinfo, int argno, const char *name, int max)
{
	CheckNotNull(fcinfo, argno, name);
	CheckBytes((int64) toast_raw_datum_size(PG_GETARG_DATUM(argno)) - VARHDRSZ,
			   name, 1, max, 0);

	return PG_GETARG_TEXT_PP(argno);
}

/*
 * Returns the argument workflow_id.
 */
text *
CheckedWorkflowId(FunctionCallInfo fcinfo, int argno)
{
	return CheckedText(fcinfo, argno, "workflow_id", MAX_WORKFLOW_ID_BYTES);
}

/*
 * Returns an argument that names a step or a workflow.
 */
text *
CheckedName(FunctionCallInfo fcinfo, int argno, const char *name)
{
	return CheckedText(fcinfo, argno, name, MAX_NAME_BYTES);
}

/*
 * Returns an int4 argument that lies between min and max.
 */
int32
CheckedRange(FunctionCallInfo fcinfo, int argno, const char *name,
			 int32 min, int32 max)
{
	int32		value;

	CheckNotNull(fcinfo, argno, name);
	value = PG_GETARG_INT32(argno);
	if (value < min || value > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between %d and %d", name, min, max),
				 errdetail("The given one is %d.", value)));

	return value;
}

/*
 * Returns an argument that numbers a step.
 */
int32
CheckedFunctionId(FunctionCallInfo fcinfo, int argno, const char *name)
{
	return CheckedRange(fcinfo, argno, name, 0, PG_INT32_MAX);
}

/*
 * Raises an error unless a payload may have size bytes.
 */
void
CheckPayloadSize(int64 size, const char *name)
{
	CheckBytes(size, name, 0, max_payload_bytes, 0);
}

/*
 * Raises an error where the payloads of one commit are too many bytes.
 */
static void
CheckTotal(int64 total, const char *name, int position)
{
	if (total <= max_payload_bytes)
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s together must be at most %d bytes in one call",
					name, max_payload_bytes),
			 errdetail("Up to element %d they are %lld bytes.",
					   position, (long long) total),
			 errhint("Use several calls, the procedure that commits after each step, or raise dbos_payload.max_payload_bytes.")));
}

/*
 * Returns how many elements an array has; raises an error where it has more
 * than one dimension, more than max elements, or a NULL.
 */
static int
CheckedCount(ArrayType *array, const char *name, int max)
{
	int			count;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a one-dimensional array", name),
				 errdetail("The given one has %d dimensions.", ARR_NDIM(array))));

	count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (count > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have at most %d elements", name, max),
				 errdetail("The given array has %d elements.", count),
				 errhint("Use several calls.")));

	if (ARR_HASNULL(array))
	{
		const uint8 *bitmap = ARR_NULLBITMAP(array);
		int			i;

		for (i = 0; i < count; i++)
		{
			if ((bitmap[i / 8] & (1 << (i % 8))) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						 errmsg("%s must not have null elements", name),
						 errdetail("Element %d is null.", i + 1)));
		}
	}

	return count;
}

/*
 * Likewise for an array with an element for each step of one call; raises an
 * error where it would need a step number that does not exist, too.
 */
static int
CheckedStepCount(ArrayType *array, const char *name, int32 first_function_id)
{
	int			count = CheckedCount(array, name, MAX_STEPS_PER_CALL);

	if ((int64) first_function_id + count - 1 > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first_function_id must be at most %lld for %d steps",
						(long long) PG_INT32_MAX - count + 1, count),
				 errdetail("The given one is %d.", first_function_id)));

	return count;
}

/*
 * Returns how many sizes an int8 array has; *sizes, which is never NULL, is the
 * array's own memory.  Where the steps share one commit their sum is bounded too.
 */
int
CheckedSizes(ArrayType *array, int32 first_function_id, bool one_commit,
			 const int64 **sizes)
{
	int			count = CheckedStepCount(array, "sizes", first_function_id);
	int64		total = 0;
	int			i;

	*sizes = (const int64 *) ARR_DATA_PTR(array);
	for (i = 0; i < count; i++)
	{
		CheckBytes((*sizes)[i], "size", 0, max_payload_bytes, i + 1);
		total += (*sizes)[i];
		if (one_commit)
			CheckTotal(total, "sizes", i + 1);
	}

	return count;
}

/*
 * Likewise the names and outputs of a text and a bytea array of equal length;
 * they stay in the arrays' own memory.
 */
int
CheckedOutputs(ArrayType *names_array, ArrayType *outputs_array,
			   int32 first_function_id, bool one_commit,
			   text ***names, bytea ***outputs)
{
	int			name_count = CheckedStepCount(names_array, "function_names", first_function_id);
	int			count = CheckedStepCount(outputs_array, "outputs", first_function_id);
	Datum	   *name_datums;
	Datum	   *output_datums;
	int64		total = 0;
	int			i;

	if (name_count != count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function_names and outputs must have the same number of elements"),
				 errdetail("There are %d names and %d outputs.", name_count, count)));

	deconstruct_array(names_array, TEXTOID, -1, false, TYPALIGN_INT,
					  &name_datums, NULL, &name_count);
	deconstruct_array(outputs_array, BYTEAOID, -1, false, TYPALIGN_INT,
					  &output_datums, NULL, &count);
	*names = (text **) palloc(sizeof(text *) * count);
	*outputs = (bytea **) palloc(sizeof(bytea *) * count);

	for (i = 0; i < count; i++)
	{
		text	   *name = DatumGetTextPP(name_datums[i]);
		bytea	   *output = DatumGetByteaPP(output_datums[i]);
		int64		bytes = VARSIZE_ANY_EXHDR(output);

		CheckBytes(VARSIZE_ANY_EXHDR(name), "function_name", 1, MAX_NAME_BYTES, i + 1);
		CheckBytes(bytes, "output", 0, max_payload_bytes, i + 1);
		total += bytes;
		if (one_commit)
			CheckTotal(total, "outputs", i + 1);
		(*names)[i] = name;
		(*outputs)[i] = output;
	}

	return count;
}

/*
 * Compares two texts by their bytes, as the collation "C" does; for qsort.
 */
static int
CompareTexts(const void *a, const void *b)
{
	const text *left = *(text *const *) a;
	const text *right = *(text *const *) b;
	Size		left_size = VARSIZE_ANY_EXHDR(left);
	Size		right_size = VARSIZE_ANY_EXHDR(right);
	int			order = memcmp(VARDATA_ANY(left), VARDATA_ANY(right),
							   Min(left_size, right_size));

	if (order != 0)
		return order;
	return left_size < right_size ? -1 : left_size > right_size ? 1 : 0;
}

/*
 * Returns the workflow ids of a text array, each once and in the order of their
 * bytes; they stay in the array's own memory.
 */
IdList
CheckedWorkflowIds(ArrayType *array)
{
	IdList		list;
	Datum	   *datums;
	int			count = CheckedCount(array, "workflow_ids", PG_INT32_MAX);
	int			i;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &datums, NULL, &count);
	list.ids = (text **) palloc(sizeof(text *) * count);
	for (i = 0; i < count; i++)
	{
		list.ids[i] = DatumGetTextPP(datums[i]);
		CheckBytes(VARSIZE_ANY_EXHDR(list.ids[i]), "workflow_id",
				   1, MAX_WORKFLOW_ID_BYTES, i + 1);
	}

	qsort(list.ids, count, sizeof(text *), CompareTexts);
	list.count = (int) qunique(list.ids, count, sizeof(text *), CompareTexts);

	return list;
}
