// Slurm: a sweep as a job array of a cluster.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gossamer {

/// Runs `command` as `tasks` tasks of one job array, by sbatch, and returns when all have ended. What they
/// print, if anything, goes to `folder`/slurm-JOB_TASK.txt. Whether they succeeded can be seen from the
/// traces they leave. Further options of sbatch come from its environment (SBATCH_PARTITION,
/// SBATCH_TIMELIMIT, ...). Throws BadInput if there is no sbatch, and std::runtime_error if sbatch refuses
/// the job; sbatch itself says why.
void run_job_array(const std::vector<std::string>& command, int tasks, const std::string& name,
                   const std::filesystem::path& folder);

}  // namespace gossamer
