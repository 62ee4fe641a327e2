/** Row groups of Parquet files: what is read in one piece. */
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync } from "hyparquet";
import { INPUT_LIMITS } from "../input/index.js";
import { AuditError } from "./error.js";

/**
 * Rows of each row group of a file.
 * @throws {AuditError} codes `unreadable-file`, `broken-parquet`
 */
export async function parquetGroups(path: string): Promise<number[]> {
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(await asyncBufferFromFile(path), { geoparquet: false });
  } catch (cause) {
    throw new AuditError(
      (cause as NodeJS.ErrnoException).code === undefined ? "broken-parquet" : "unreadable-file",
      `${path}: it can't be read as Parquet`,
      "check the file; write it again if it is cut off",
    );
  }
  const large = metadata.row_groups.find((group) => Number(group.total_byte_size) > INPUT_LIMITS.parquetGroupBytes);
  if (large !== undefined) {
    throw new AuditError("broken-parquet", `${path}: a row group has more than 2 GiB`, "write smaller row groups");
  }
  return metadata.row_groups.map((group) => Number(group.num_rows));
}
