/** The advanced filter: conditions, all of which hold. */
import type { Operator } from '../../../client/index.ts'
import { Button } from '../ui/button.tsx'
import { Select } from '../ui/field.tsx'
import {
  type Condition,
  emptyCondition,
  FIELDS,
  type Field,
  needsNoValue,
  OPERATORS,
} from './advanced.ts'

type Props = {
  readonly conditions: readonly Condition[]
  readonly onChange: (conditions: readonly Condition[]) => void
}

export const ConditionsForm = ({ conditions, onChange }: Props) => (
  <fieldset className="conditions">
    <legend className="visually-hidden">Advanced filter: all of these hold</legend>
    {conditions.map((condition, at) => (
      <ConditionRow
        key={at}
        number={at + 1}
        condition={condition}
        onChange={(next) => onChange(conditions.with(at, next))}
        onRemove={() => onChange(conditions.toSpliced(at, 1))}
      />
    ))}
    <div className="row">
      <Button onPress={() => onChange([...conditions, emptyCondition('name')])}>
        Add condition
      </Button>
      {conditions.length > 0 && <Button onPress={() => onChange([])}>Clear</Button>}
    </div>
  </fieldset>
)

// ---------------------------------------------------------------------------------------------

type RowProps = {
  readonly number: number
  readonly condition: Condition
  readonly onChange: (condition: Condition) => void
  readonly onRemove: () => void
}

const ConditionRow = ({ number, condition, onChange, onRemove }: RowProps) => {
  const { field, operator, value } = condition
  const { kind } = FIELDS[field]
  const label = (part: string): string => `${part} of condition ${number}`
  return (
    <div className="row condition">
      <Select
        label={label('Field')}
        value={field}
        onChange={(next) => onChange(emptyCondition(next as Field))}
        options={Object.entries(FIELDS).map(([name, { text }]) => [name, text])}
      />
      <Select
        label={label('Operator')}
        value={operator}
        onChange={(next) => onChange({ ...condition, operator: next as Operator })}
        options={Object.entries(OPERATORS[kind]).filter(
          ([name]) => !(field === 'created_at' && name === '='),
        )}
      />
      {kind === 'flag' ? (
        <Select
          label={label('Value')}
          value={value}
          onChange={(next) => onChange({ ...condition, value: next })}
          options={[
            ['true', 'Yes'],
            ['false', 'No'],
          ]}
        />
      ) : (
        !needsNoValue(condition) && (
          <label className="field">
            <span>{label('Value')}</span>
            <input
              className="input"
              type={kind === 'moment' ? 'date' : 'text'}
              value={value}
              maxLength={200}
              max="9999-12-31"
              placeholder={kind === 'text' ? 'admin' : undefined}
              onChange={(event) => onChange({ ...condition, value: event.target.value })}
            />
          </label>
        )
      )}
      <Button kind="quiet" aria-label={`Remove condition ${number}`} onPress={onRemove}>
        ×
      </Button>
    </div>
  )
}
