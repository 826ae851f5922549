DROP VIEW dyntables.quality_scores;
DROP VIEW dyntables.quality_results;
DROP VIEW dyntables.quality_rules;
DROP FUNCTION dyntables.quality_visible(name);
DROP TABLE dyntables.quality_score;
DROP TABLE dyntables.quality_result;
DROP TABLE dyntables.quality_rule_version;
DROP TABLE dyntables.quality_rule;
