/**
 * Command: everything that can be asked of the process that writes, as one table. The command line runs them here, or
 * has a running server run them.
 */
import type { z } from "zod";
import type { Solely } from "../instance/index.js";
import * as alarming from "./alarming.js";
import { type Command, type CommandContext, CommandError } from "./command.js";
import * as containing from "./containing.js";
import * as deciding from "./deciding.js";
import * as entering from "./entering.js";
import * as feeding from "./feeding.js";
import * as glancing from "./glancing.js";
import * as incidents from "./incidents.js";
import * as keeping from "./keeping.js";
import * as matching from "./matching.js";
import * as proving from "./proving.js";
import * as reporting from "./reporting.js";
import * as reviewing from "./reviewing.js";
import * as shadowing from "./shadowing.js";
import * as vaulting from "./vaulting.js";

export { type CommandContext, CommandError, type CommandErrorCode } from "./command.js";
export type { Approved, NoticeView, OperatorView, ProposalView, SourceView } from "./deciding.js";
export type { GlanceView } from "./glancing.js";
